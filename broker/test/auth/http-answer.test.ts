import { describe, expect, it } from "vitest";
import { hookAnswer } from "../../src/auth/http-answer.js";
import { HttpFailure } from "../../src/auth/http-client.js";

const ok = (body: unknown) => ({ status: 200, body: JSON.stringify(body) });

describe("hookAnswer()", () => {
  it.each([
    [ok({ result: "allow" }), { result: "allow" }],
    [ok({ result: "deny" }), { result: "deny" }],
    [ok({ result: "ignore" }), { result: "ignore" }],
    [ok({ result: "allow", client_attrs: { role: "admin" }, is_superuser: false, acl: null, expire_at: null }), { result: "allow" }],
    [ok({ result: "allow", is_superuser: true }), { result: "allow", rules: [{ permission: "allow", action: "all" }] }],
    [
      ok({ result: "allow", acl: [{ permission: "deny", action: "all", topic: "a" }] }),
      { result: "allow", rules: [{ permission: "deny", action: "all", filters: ["a"] }] },
    ],
    [ok({ result: "allow", expire_at: 1_654_254_601 }), { result: "allow", expiresAtMs: 1_654_254_601_000 }],
    [{ status: 204, body: "" }, { result: "allow" }],
    [{ status: 401, body: "" }, { result: "deny" }],
    [{ status: 403, body: "no" }, { result: "deny" }],
  ])("understands %j", (answer, expected) => {
    expect(hookAnswer(answer)).toEqual(expected);
  });

  it.each([
    [ok({})],
    [ok(null)],
    [ok([])],
    [ok("allow")],
    [ok({ result: "ALLOW" })],
    [ok({ result: true })],
    [ok({ result: "allow", is_superuser: "yes" })],
    [ok({ result: "allow", acl: "a/#" })],
    [ok({ result: "allow", acl: [{}] })],
    [ok({ result: "allow", expire_at: "tomorrow" })],
    [ok({ result: "allow", expire_at: -1 })],
    [{ status: 200, body: "" }],
    [{ status: 200, body: "allow" }],
    [{ status: 200, body: "<html>" }],
    [{ status: 201, body: '{"result":"allow"}' }],
    [{ status: 302, body: '{"result":"allow"}' }],
    [{ status: 404, body: '{"result":"allow"}' }],
    [{ status: 429, body: '{"result":"allow"}' }],
    [{ status: 500, body: '{"result":"allow"}' }],
    [{ status: 503, body: "" }],
  ])("takes %j for no answer", (answer) => {
    expect(() => hookAnswer(answer)).toThrow(HttpFailure);
  });
});
