import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { HttpAuthorizer } from "../../src/auth/http-authorizer.js";
import type { HttpHookSettings } from "../../src/auth/http-hook.js";
import { Undecided } from "../../src/auth/undecided.js";
import { describeAuthorizer } from "./authorizer.suite.js";
import { hookParts, hookSettings } from "./hook-parts.js";
import { type Behaviour, HookServer, json, reset, stall } from "./hook-server.js";

const client = { clientId: "client", userName: "alice" };

/** Lets alice do everything below her own name. */
const OWN_TOPICS: Behaviour = (response, question, request) => {
  const { username, topic } = question as { username: string | null; topic: string };
  json({ result: topic.startsWith(`${username}/`) ? "allow" : "deny" })(response, question, request);
};

const SUITE = new HookServer(OWN_TOPICS);
beforeAll(() => SUITE.listen());
afterAll(() => SUITE.close());

describeAuthorizer("HttpAuthorizer", () => authorizerOf(SUITE, { allowCacheMs: 1_000 }).authorizer, {
  mayPublish: [{ client, topic: "alice/a", qos: 1 }],
  mayNotPublish: [
    { client, topic: "bob/a" },
    { client: { clientId: "client", userName: undefined }, topic: "alice/a" },
  ],
  maySubscribe: [{ client, filter: "alice/#", qos: 2 }],
  mayNotSubscribe: [{ client, filter: "#" }],
});

function authorizerOf({ url }: { readonly url: string }, special: Partial<HttpHookSettings> = {}) {
  const parts = hookParts();
  const authorizer = new HttpAuthorizer(hookSettings(url, special), parts);
  onTestFinished(() => authorizer.close());
  return { authorizer, ...parts };
}

describe("HttpAuthorizer", () => {
  it("says who wants to do what", async () => {
    const server = await HookServer.start(json({ result: "allow" }));
    const { authorizer } = authorizerOf(server);
    await authorizer.mayPublish(client, "a", 1, true);
    await authorizer.maySubscribe({ clientId: "c", userName: undefined }, "b/#", 2);
    expect(server.bodies.map((body) => JSON.parse(body))).toEqual([
      { clientid: "client", username: "alice", action: "publish", topic: "a", qos: 1, retain: true },
      { clientid: "c", username: null, action: "subscribe", topic: "b/#", qos: 2, retain: false },
    ]);
  });

  it("leaves to others what the server ignores", async () => {
    const server = await HookServer.start(json({ result: "ignore" }));
    const { authorizer } = authorizerOf(server, { denyCacheMs: 1_000 });
    expect(await authorizer.mayPublish(client, "a", 0, false)).toBeUndefined();
    expect(authorizer.mayPublish(client, "a", 0, false)).toBeUndefined();
    expect(server.bodies).toHaveLength(1);
  });

  it("answers at once what it was told, for as long as it may", async () => {
    const server = await HookServer.start(OWN_TOPICS);
    const { authorizer, clock, counters } = authorizerOf(server, { allowCacheMs: 2_000, denyCacheMs: 1_000 });
    expect(authorizer.cacheSeconds).toBe(1);
    const ask = () => [authorizer.mayPublish(client, "alice/a", 0, false), authorizer.mayPublish(client, "bob/a", 0, false)];
    expect(await Promise.all(ask())).toEqual([true, false]);
    expect(ask()).toEqual([true, false]);
    expect(counters).toMatchObject({ hookQuestions: 2, hookCacheHits: 2 });
    clock.advance(1_000);
    expect(ask()).toEqual([true, expect.any(Promise)]);
    clock.advance(1_000);
    expect(ask()[0]).toBeInstanceOf(Promise);
  });

  it("keeps every question apart", async () => {
    const server = await HookServer.start(json({ result: "allow" }));
    const { authorizer } = authorizerOf(server, { allowCacheMs: 1_000 });
    const ask = () => [
      authorizer.mayPublish(client, "a", 0, false),
      authorizer.mayPublish(client, "a", 1, false),
      authorizer.mayPublish(client, "a", 0, true),
      authorizer.mayPublish(client, "b", 0, false),
      authorizer.mayPublish({ clientId: "client", userName: undefined }, "a", 0, false),
      authorizer.mayPublish({ clientId: "client", userName: "" }, "a", 0, false),
      authorizer.mayPublish({ clientId: "other", userName: "alice" }, "a", 0, false),
      authorizer.maySubscribe(client, "a", 0),
      authorizer.maySubscribe(client, "a", 1),
    ];
    await Promise.all(ask());
    expect(server.bodies).toHaveLength(9);
    expect(ask()).toEqual(Array(9).fill(true));
  });

  it.each<[string, Behaviour]>([
    ["stalls", stall],
    ["resets", reset],
    ["answers with rubbish", (response) => response.end("{")],
    ["is broken", json({ result: "allow" }, 500)],
  ])("allows nothing while the server %s, and asks again", async (_, behaviour) => {
    const server = await HookServer.start(behaviour);
    const { authorizer, log } = authorizerOf(server, { timeoutMs: 300, allowCacheMs: 60_000, denyCacheMs: 60_000 });
    await expect(authorizer.mayPublish(client, "a", 0, false)).rejects.toThrow(Undecided);
    await expect(authorizer.maySubscribe(client, "a", 0)).rejects.toThrow(Undecided);
    server.behaviour = json({ result: "allow" });
    expect(await authorizer.mayPublish(client, "a", 0, false)).toBe(true);
    expect(log.levels).toEqual(["warn", "debug", "info"]);
  });

  it("allows nothing while as many questions wait as may", async () => {
    const server = await HookServer.start(stall);
    const { authorizer, counters } = authorizerOf(server, { timeoutMs: 500, maxConnections: 2, maxWaiting: 5 });
    const answers = await Promise.allSettled(Array.from({ length: 50 }, (_, i) => authorizer.mayPublish(client, `a/${i}`, 0, false)));
    expect(answers).toEqual(Array(50).fill({ status: "rejected", reason: expect.any(Undecided) }));
    expect(counters).toMatchObject({ hookBusy: 43, hookFailures: 7 });
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });
});
