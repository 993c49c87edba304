import { describe, expect, it } from "vitest";
import { AclFileAuthorizer } from "../../src/auth/acl-file-authorizer.js";
import type { ClientIdentity, Decision } from "../../src/auth/authorizer.js";
import { parseAclFile } from "../../src/auth/parse-acl-file.js";
import { describeAuthorizer } from "./authorizer.suite.js";

const alice: ClientIdentity = { clientId: "phone", userName: "alice" };
const bob: ClientIdentity = { clientId: "lamp", userName: "bob" };
const nobody: ClientIdentity = { clientId: "probe", userName: undefined };

const FILE = `
# Who may what.
allow all user=alice "alice's things/#" home/+/light
deny all home/secret/#
allow publish devices/%c/state users/\${username}/#
allow publish qos=0 retain=no sensors/#
allow subscribe client=lamp,probe home/#
allow subscribe anonymous=yes public/#
deny subscribe "eq $SYS/#"
allow subscribe $SYS/#
default deny
`;

const authorizerOf = (text: string) => {
  const { file, problems } = parseAclFile(text);
  expect(problems).toEqual([]);
  return new AclFileAuthorizer(file);
};

describeAuthorizer("AclFileAuthorizer", () => authorizerOf(FILE), {
  mayPublish: [
    { client: alice, topic: "alice's things/x", qos: 2, retain: true },
    { client: alice, topic: "home/hall/light" },
    { client: bob, topic: "devices/lamp/state", qos: 1 },
    { client: bob, topic: "users/bob/a/b" },
    { client: nobody, topic: "sensors/1" },
  ],
  mayNotPublish: [
    { client: bob, topic: "home/hall/light" },
    { client: alice, topic: "home/secret/x" },
    { client: bob, topic: "devices/phone/state" },
    { client: nobody, topic: "users//x" },
    { client: nobody, topic: "sensors/1", qos: 1 },
    { client: nobody, topic: "sensors/1", retain: true },
    { client: alice, topic: "elsewhere" },
  ],
  maySubscribe: [
    { client: alice, filter: "home/+/light" },
    { client: alice, filter: "home/hall/light" },
    { client: nobody, filter: "public/#" },
    { client: bob, filter: "home/hall/+" },
    { client: alice, filter: "$SYS/broker/+" },
  ],
  mayNotSubscribe: [
    { client: alice, filter: "home/+/+" },
    { client: alice, filter: "home/+/#" },
    { client: bob, filter: "home/#" },
    { client: bob, filter: "home/secret/+" },
    { client: bob, filter: "public/#" },
    { client: alice, filter: "$SYS/#" },
    { client: alice, filter: "#" },
  ],
});

describe("rules of a file", () => {
  it("apply in the order of the file, whosever they are", () => {
    const answers = (text: string) => authorizerOf(text).mayPublish(alice, "t", 0, false);
    expect(answers("deny publish t\nallow publish user=alice t")).toBe(false);
    expect(answers("allow publish user=alice t\ndeny publish t")).toBe(true);
    expect(answers("deny publish client=phone t\nallow publish user=alice t\nallow publish t")).toBe(false);
    expect(answers("allow publish t\ndeny publish client=phone t")).toBe(true);
    expect(answers("deny publish user=bob t\nallow publish user=alice client=lamp t\ndefault deny")).toBe(false);
  });

  it("leave to the next authoriser what none of them is about, unless there is a default", () => {
    expect(authorizerOf("allow all a").mayPublish(alice, "b", 0, false)).toBeUndefined();
    expect(authorizerOf("allow all a\ndefault allow").mayPublish(alice, "b", 0, false)).toBe(true);
  });

  it("of other users are not looked at, however many there are", () => {
    const { file } = parseAclFile(Array.from({ length: 10_000 }, (_, i) => `allow publish user=u${i} of/%u/#`).join("\n"));
    const authorizer = new AclFileAuthorizer(file);
    let asked = 0;
    const client = {
      userName: "u77",
      get clientId() {
        asked++;
        return "c";
      },
    };
    expect(authorizer.mayPublish(client, "elsewhere", 0, false)).toBeUndefined();
    expect(authorizer.mayPublish(client, "of/u77/x", 0, false)).toBe(true);
    expect(asked).toBeLessThan(10);
  });
});

describe("a name in a placeholder", () => {
  const authorizer = authorizerOf("allow all own/%c/# %u/#\ndeny all secret/%c/#\nallow all secret/#\ndefault deny");
  const ask = (clientId: string, topic: string, userName?: string): Decision =>
    authorizer.mayPublish({ clientId, userName }, topic, 0, false);

  it.each(["+", "#", "a/b", "a+", "x#", ""])("allows nothing if it is %j", (clientId) => {
    expect(ask(clientId, `own/${clientId.replaceAll(/[+#]/g, "x")}/t`)).toBe(false);
    expect(authorizer.maySubscribe({ clientId, userName: undefined }, `own/${clientId}/#`, 0)).toBe(false);
    expect(authorizer.maySubscribe({ clientId, userName: undefined }, "own/other/#", 0)).toBe(false);
  });

  it("does not begin a $ topic", () => {
    expect(authorizer.maySubscribe({ clientId: "c", userName: "$SYS" }, "$SYS/#", 0)).toBe(false);
    expect(authorizer.maySubscribe({ clientId: "c", userName: "me" }, "me/#", 0)).toBe(true);
  });

  it("still denies what is denied to it", () => {
    expect(ask("a/b", "secret/a/b/t")).toBe(false);
    expect(ask("+", "secret/any/t")).toBe(false);
    expect(ask("c", "secret/any/t")).toBe(true);
  });
});
