import { describe, expect, it } from "vitest";
import { clusterWide } from "../../src/admin/cluster/cluster-wide.js";
import { encodeReply, type Peers } from "../../src/admin/cluster/peers.js";
import { Problem } from "../../src/admin/problem.js";
import type { Answer, Route } from "../../src/admin/route.js";

const CALLER = { name: "ops", scope: "admin", address: "" } as const;

/** Where `b` answers and `c` does not. */
const PEERS: Peers = {
  self: "a-00000000",
  names: ["b-11111111", "c-22222222"],
  ask: async (peer) => {
    if (peer.startsWith("c")) throw new Error("no answer");
    return encodeReply({ status: 200, count: 1, pieces: [Buffer.from('{"n":"b"}')] });
  },
};

const LIST: Route = {
  ...{ method: "GET", path: "/list", scope: "read", summary: "", cluster: "list" },
  handle: () => ({ page: { pieces: [Buffer.from('{"n":"a"}')], count: 1, cursor: undefined } }),
};
const ALL: Route = {
  ...{ method: "GET", path: "/all", scope: "read", summary: "", cluster: "all" },
  handle: () => ({ json: { data: ["a"], meta: {} } }),
};
const OWNER: Route = {
  ...{ method: "GET", path: "/one/:name", scope: "read", summary: "", cluster: "owner" },
  handle: () => {
    throw new Problem(404, "there is none");
  },
};

function ask(route: Route, query: object, peers = PEERS): Promise<Answer> {
  const [wide] = clusterWide([route], peers);
  const params = route === OWNER ? { name: "x" } : {};
  return Promise.resolve().then(() =>
    wide!.handle({ caller: CALLER, params, query, body: undefined, signal: new AbortController().signal, note: () => {} }),
  );
}

describe("brokers that do not answer", () => {
  it("are named, and the list goes on without them", async () => {
    expect(await ask(LIST, { limit: 10 })).toEqual({
      page: { pieces: [Buffer.from('{"n":"a"}'), Buffer.from('{"n":"b"}')], count: 2, cursor: undefined },
      missing: ["c-22222222"],
    });
  });

  it("are named too where they answer that they cannot", async () => {
    const busy = { ...PEERS, ask: async (peer: string) => (peer.startsWith("c") ? NONE : HAS_B) };
    expect(await ask(ALL, {}, busy)).toEqual({ json: { data: ["a", "b"], meta: { missing: ["c-22222222"] } } });
  });

  it("may have what nobody else has, which is not to be taken for gone", async () => {
    const without = { ...PEERS, ask: async (peer: string) => (peer.startsWith("c") ? Promise.reject(new Error("no answer")) : NONE) };
    await expect(ask(OWNER, {}, without)).rejects.toMatchObject({ status: 504 });
  });
});

describe("?node=", () => {
  it.each([
    ["b-11111111", "b"],
    ["b", "b"],
    ["a", "a"],
  ])("%s asks %s", async (node, expected) => {
    expect(await ask(LIST, { limit: 10, node })).toMatchObject({ page: { pieces: [Buffer.from(`{"n":"${expected}"}`)] } });
  });

  it("that nobody is called is refused, with the names there are", async () => {
    await expect(ask(LIST, { limit: 10, node: "z" })).rejects.toMatchObject({ status: 404, detail: expect.stringContaining("b-11111111") });
  });
});

const NONE = encodeReply({ status: 404, pieces: [Buffer.from('{"title":"Not Found","status":404,"detail":"there is none"}')] });
const HAS_B = encodeReply({ status: 200, pieces: [Buffer.from('{"data":["b"],"meta":{}}')] });
