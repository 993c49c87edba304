import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load-config.js";
import { type Given, problemsOf, sources } from "./problems-of.js";

const authorizationOf = (given: Given) => loadConfig(sources(given)).authorization;

describe("authorization", () => {
  it("is nobody's, and denies by default once it is somebody's", () => {
    expect(authorizationOf({})).toEqual({ authorizers: [], byDefault: false, denyAction: "ignore" });
  });

  it("has a short form for one file", () => {
    const rules = { format: "mqttd", entries: [{ rule: { permission: "allow", action: "all", filters: ["a"] } }] };
    const { authorizers } = authorizationOf({ flags: { "--acl-file": "acl" }, others: { acl: "allow all a" } });
    expect(authorizers).toEqual([{ type: "acl-file", rules }]);
  });

  it("takes several, in their order, and says what holds if nobody decides", () => {
    const file =
      "authorization:\n  - {type: acl-file, file: one}\n  - {type: http, url: http://127.0.0.1:1/}\nauthorizationDefault: allow\nauthorizationDenyAction: disconnect\n";
    const { authorizers, ...rest } = authorizationOf({ file, others: { one: "" } });
    expect(authorizers.map(({ type }) => type)).toEqual(["acl-file", "http"]);
    expect(rest).toEqual({ byDefault: true, denyAction: "disconnect" });
  });

  it.each([
    ["# a comment\n\n  \ntopic read a\n", "mosquitto"],
    ["user me\n", "mosquitto"],
    ["\uFEFFpattern read %c\n", "mosquitto"],
    ["# topic read a\nallow all a\n", "mqttd"],
    ["", "mqttd"],
    ["default deny", "mqttd"],
  ])("tells by the first line of %j that it is %s's", (text, format) => {
    const [first] = authorizationOf({ flags: { "--acl-file": "acl" }, others: { acl: text } }).authorizers;
    expect(first).toMatchObject({ rules: { format } });
  });

  it("tells all that is wrong with its files at once, with the lines", () => {
    const file =
      "authorization:\n  - {type: acl-file, file: acl}\n  - {type: acl-file, file: none}\n  - {type: acl-file, file: acl, format: mosquitto}\n";
    expect(problemsOf({ file, others: { acl: "allow all a\npermit all b\ntopic read c\n" } })).toEqual([
      'authorization[0].file is "acl"; line 2 begins with "permit": begin it with allow, deny or default, or with # if it is a comment (mend it in mqttd.yaml)',
      'authorization[0].file is "acl"; line 3 begins with "topic": begin it with allow, deny or default, or with # if it is a comment (mend it in mqttd.yaml)',
      `authorization[1].file is "none"; it cannot be read: ENOENT: no such file or directory, open 'none'; name a file that the broker may read (mend it in mqttd.yaml)`,
      'authorization[2].file is "acl"; line 1 begins with "allow": begin it with topic, user or pattern, or with # if it is a comment (mend it in mqttd.yaml)',
      'authorization[2].file is "acl"; line 2 begins with "permit": begin it with topic, user or pattern, or with # if it is a comment (mend it in mqttd.yaml)',
    ]);
  });

  it("tells ten wrong lines of a file and how many more there are", () => {
    const problems = problemsOf({ flags: { "--acl-file": "acl" }, others: { acl: "x\n".repeat(1_000) } });
    expect(problems).toHaveLength(11);
    expect(problems[10]).toContain("990 more of its lines are wrong");
  });

  it("is asked for in one form only", () => {
    const file = "aclFile: acl\nauthorization: [{type: acl-file, file: acl}]\n";
    expect(problemsOf({ file, others: { acl: "" } })).toEqual([
      'aclFile is "acl"; authorization replaces it: leave it out, or add {"type": "acl-file"} with this file to authorization (mend it in mqttd.yaml)',
    ]);
  });

  it("refuses what it does not know", () => {
    const problems = problemsOf({
      file: "authorization: [{type: acl-flie, file: acl}, {type: acl-file, fiel: acl}]\nauthorizationDefault: maybe\n",
    });
    expect(problems.join("\n")).toContain("authorization[0].type");
    expect(problems.join("\n")).toContain("authorization[1].fiel is no setting; did you mean authorization[1].file?");
    expect(problems.join("\n")).toContain('authorizationDefault is "maybe"; it takes one of deny, allow');
  });
});
