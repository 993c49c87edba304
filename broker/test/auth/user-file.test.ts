import { describe, expect, it } from "vitest";
import { parseUserFile } from "../../src/auth/user-file.js";

const fine = () => undefined;

describe("parseUserFile()", () => {
  it("reads users in order, with what comes after the first colon", () => {
    const { users, problems } = parseUserFile("ann:$7$x\nbob smith:a:b:c\r\nö:z\n", fine);
    expect([...users]).toEqual([
      ["ann", "$7$x"],
      ["bob smith", "a:b:c"],
      ["ö", "z"],
    ]);
    expect(problems).toEqual([]);
  });

  it.each(["", "\n\n", "# nobody yet\n", "\uFEFF# nobody\r\n  \n"])("finds nobody in %j", (text) => {
    expect(parseUserFile(text, fine)).toEqual({ users: new Map(), problems: [] });
  });

  it("keeps names apart from properties of objects", () => {
    const { users } = parseUserFile("__proto__:a\nconstructor:b\n", fine);
    expect([...users.keys()]).toEqual(["__proto__", "constructor"]);
  });

  it("says everything that is wrong by its line, never with what comes after the colon", () => {
    const text = "# users\nann:good\nno colon at all: it is there\n:nameless\nnothing\nann:good\nbob:s3cret\n";
    const { users, problems } = parseUserFile(text, (secret) => (secret === "s3cret" ? "has a bad hash" : undefined));
    expect([...users.keys()]).toEqual(["ann", "no colon at all"]);
    expect(problems).toEqual([
      { line: 4, why: "is no user:hash" },
      { line: 5, why: "is no user:hash" },
      { line: 6, why: '(user "ann") is the same user as line 2' },
      { line: 7, why: '(user "bob") has a bad hash' },
    ]);
  });
});
