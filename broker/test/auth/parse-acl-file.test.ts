import { describe, expect, it } from "vitest";
import { parseAclFile } from "../../src/auth/parse-acl-file.js";
import { parseMosquittoAclFile } from "../../src/auth/parse-mosquitto-acl-file.js";

describe("a file of rules", () => {
  it("has a rule a line, comments and empty lines, with either end of line", () => {
    const { file, problems } = parseAclFile(
      '# comment\r\n\r\n  allow  publish user=a,"b c" qos=0,2 retain=yes x/# "y z"\r\ndeny all client=c #\ndeny subscribe anonymous=yes "user=x"\ndefault allow\n',
    );
    expect(problems).toEqual([]);
    const rule = { permission: "allow", action: "publish", filters: ["x/#", "y z"], qos: [0, 2], retain: true };
    expect(file).toEqual({
      format: "mqttd",
      byDefault: true,
      entries: [
        { rule, userName: "a" },
        { rule, userName: "b c" },
        { rule: { permission: "deny", action: "all", filters: ["#"] }, clientId: "c" },
        { rule: { permission: "deny", action: "subscribe", filters: ["user=x"] }, userName: null },
      ],
    });
  });

  it.each([
    ["permit all #", 'begins with "permit": begin it with allow, deny or default, or with # if it is a comment'],
    ["allow write a", 'has "write" after allow: say publish, subscribe or all'],
    ["allow", "has nothing after allow: say publish, subscribe or all"],
    ["allow all", "names no topic filter: end it with one, with # for all topics"],
    ["allow all user=a", "names no topic filter: end it with one, with # for all topics"],
    ["allow all a/#/b", 'has "a/#/b", whose # is not the last level'],
    ["allow all a b+", 'has "b+", whose + does not stand alone in its level'],
    ["allow all $share/g/a", 'has "$share/g/a", whose topic filter is that of a shared subscription: leave out $share/ and the share name'],
    [
      "allow all usr=a b",
      "has usr=, which is no condition: there are user=, client=, anonymous=, qos= and retain=; put a topic filter like this in quotation marks",
    ],
    ["allow all a user=b", "has user=b behind a topic filter: put it before the first"],
    ["allow all user=a user=b t", "has user= besides another that says who or what: join their values with commas"],
    ["allow all user=a,,b t", "has an empty name in user=a,,b: fill or remove it"],
    ["allow all qos=3 t", "takes qos=0, qos=1, qos=2 or several with commas between them"],
    ["allow all retain=1 t", "takes retain=yes or retain=no"],
    ["allow all anonymous=no t", "takes anonymous=yes"],
    ['allow all "a b', "has a quotation mark without its other: close it"],
    ["default maybe", "takes default allow or default deny"],
  ])("%s is told what is wrong with it", (line, why) => {
    expect(parseAclFile(`allow all ok\n${line}\n`).problems).toEqual([{ line: 2, why }]);
  });

  it("is told all that is wrong at once", () => {
    expect(parseAclFile("x\nallow all a\ny\ndefault deny\ndefault deny").problems.map(({ line }) => line)).toEqual([1, 3, 5]);
  });
});

describe("mosquitto's file of rules", () => {
  it("is read with its sections, and what denies first", () => {
    const { file, problems } = parseMosquittoAclFile(
      "# anonymous\ntopic read public/#\nuser alice smith\ntopic own/with space\ntopic write a b\ntopic deny own/x\npattern readwrite dev/%c/#\n\ntopic %c\n".replace(
        "topic own/with space\n",
        "topic own\n",
      ),
    );
    expect(problems).toEqual([]);
    const allow = (action: string, filter: string) => ({ permission: "allow", action, filters: [filter] });
    expect(file.entries).toEqual([
      { rule: { permission: "deny", action: "all", filters: ["own/x"] }, userName: "alice smith" },
      { rule: allow("subscribe", "public/#"), userName: null },
      { rule: allow("all", "own"), userName: "alice smith" },
      { rule: allow("publish", "a b"), userName: "alice smith" },
      { rule: allow("all", "%c"), userName: "alice smith" },
      { rule: allow("all", "dev/%c/#") },
    ]);
    expect(file.byDefault).toBe(false);
  });

  it.each([
    ["topic", "names no topic: end it with one, with # for all"],
    ["topic wrote a", 'has "wrote" before the topic: say read, write, readwrite or deny'],
    ["topic read a/#/b", 'has "a/#/b", whose # is not the last level'],
    ["user", "names no user: put one after user"],
    ["users x", 'begins with "users": begin it with topic, user or pattern, or with # if it is a comment'],
    ["topic\tread a", 'begins with "topic\\tread": begin it with topic, user or pattern, or with # if it is a comment'],
  ])("%s is told what is wrong with it", (line, why) => {
    expect(parseMosquittoAclFile(`topic ok\n${line}\n`).problems).toEqual([{ line: 2, why }]);
  });
});
