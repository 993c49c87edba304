import { describe, expect, it } from "vitest";
import { SUPERUSER } from "../../src/auth/acl-rule.js";
import { Authorization } from "../../src/auth/authorization.js";
import type { Authorizer, ClientIdentity, Decision } from "../../src/auth/authorizer.js";
import { AuthorizerChain } from "../../src/auth/authorizer-chain.js";
import { PermissiveAuthorizer } from "../../src/auth/permissive-authorizer.js";
import { describeAuthorizer } from "./authorizer.suite.js";

const client: ClientIdentity = { clientId: "c", userName: "u" };
const ruled: ClientIdentity = {
  ...client,
  rules: [
    { permission: "deny", action: "publish", filters: ["own/%u/locked"] },
    { permission: "allow", action: "all", filters: ["own/%u/#"] },
  ],
};

const always = (decision: Decision | Promise<Decision>, cacheSeconds?: number): Authorizer => ({
  mayPublish: () => decision,
  maySubscribe: () => decision,
  ...(cacheSeconds !== undefined && { cacheSeconds }),
});

describeAuthorizer("AuthorizerChain of clients' own rules", () => new AuthorizerChain([], { byDefault: true }), {
  mayPublish: [
    { client, topic: "anything" },
    { client: ruled, topic: "own/u/x" },
    { client: { ...client, rules: [SUPERUSER] }, topic: "$other/x", retain: true, qos: 2 },
  ],
  mayNotPublish: [
    { client: ruled, topic: "own/u/locked" },
    { client: ruled, topic: "other" },
    { client: { ...client, rules: [] }, topic: "anything" },
  ],
  maySubscribe: [
    { client, filter: "#" },
    { client: ruled, filter: "own/u/+" },
    { client: { ...client, rules: [SUPERUSER] }, filter: "$SYS/#" },
  ],
  mayNotSubscribe: [
    { client: ruled, filter: "own/+/x" },
    { client: { ...client, rules: [] }, filter: "x" },
  ],
});

describe("AuthorizerChain", () => {
  it.each<[string, Authorizer[], boolean, boolean]>([
    ["the first that decides", [always(undefined), always(false), always(true)], true, false],
    ["one that waits", [always(Promise.resolve(true)), always(false)], false, true],
    ["the one after one that waited for nothing", [always(Promise.resolve(undefined)), always(true)], false, true],
    ["the default, where nobody does", [always(undefined), always(Promise.resolve(undefined))], true, true],
    ["the default, which may be no", [always(undefined)], false, false],
  ])("follows %s", async (_, authorizers, byDefault, expected) => {
    const chain = new AuthorizerChain(authorizers, { byDefault });
    expect(await chain.mayPublish(client, "t", 0, false)).toBe(expected);
    expect(await chain.maySubscribe(client, "t", 0)).toBe(expected);
  });

  it("asks others about what a client's own rules leave open, and allows nothing by default then", () => {
    expect(new AuthorizerChain([always(true)], { byDefault: false }).mayPublish(ruled, "other", 0, false)).toBe(true);
    expect(new AuthorizerChain([always(undefined)], { byDefault: true }).mayPublish(ruled, "other", 0, false)).toBe(false);
  });

  it("lets an error through, so that nobody after it decides", async () => {
    const chain = new AuthorizerChain([always(Promise.reject(new Error("down"))), always(true)], { byDefault: true });
    await expect(chain.mayPublish(client, "t", 0, false)).rejects.toThrow("down");
  });

  it("has its answers kept for as long as the most impatient of its authorisers says", () => {
    expect(new AuthorizerChain([always(true, 60), always(true, 10), always(true)], { byDefault: false }).cacheSeconds).toBe(10);
    expect(new AuthorizerChain([], { byDefault: false }).cacheSeconds).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("Authorization", () => {
  it("asks nobody where nobody decides, but of clients that came with rules", () => {
    const authorization = new Authorization(null);
    expect(authorization.authorizerFor(client)).toBeNull();
    expect(authorization.authorizerFor(ruled)?.mayPublish(ruled, "other", 0, false)).toBe(false);
  });

  it("has another generation whenever the authoriser is replaced", () => {
    const authorization = new Authorization(null);
    const { generation } = authorization;
    const authorizer = new PermissiveAuthorizer();
    authorization.replace(authorizer, "disconnect");
    expect(authorization.generation).not.toBe(generation);
    expect(authorization.authorizerFor(client)).toBe(authorizer);
    expect(authorization.denyAction).toBe("disconnect");
  });
});
