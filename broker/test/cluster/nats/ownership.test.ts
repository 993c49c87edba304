import { describe, expect, it, type TestContext } from "vitest";
import type { Engine } from "../../../src/cluster/nats/engine.js";
import { EngineUnavailableError } from "../../../src/cluster/nats/engine-errors.js";
import { ClaimError } from "../../../src/cluster/nats/pending-claim.js";
import { startNatsCluster, startNatsServer } from "../../support/nats-server.js";
import { type Owner, Owners } from "./owners.js";

async function someOwners(context: TestContext, count: number): Promise<{ owners: Owners; brokers: Owner[] }> {
  const owners = new Owners(context, [await startNatsServer(context)]);
  const brokers: Owner[] = [];
  for (let index = 0; index < count; index++) brokers.push(await owners.add());
  return { owners, brokers };
}

describe("ownership of clients", () => {
  it("is with whoever claimed last, and the one before has handed over by then", async (context) => {
    const { owners, brokers } = await someOwners(context, 3);
    const [a, b, c] = brokers as [Owner, Owner, Owner];
    expect(await a.connect("x")).toBeUndefined();
    expect(await b.connect("x")).toBe(a.id);
    expect(await c.connect("x")).toBe(b.id);
    expect(await a.connect("x")).toBe(c.id);
    expect(owners.of("x")).toEqual([a]);
    expect([a, b, c].map(({ ownership }) => ownership.owns("x"))).toEqual([true, false, false]);
    expect([a, b, c].map(({ ownership }) => ownership.size)).toEqual([1, 0, 0]);
    expect(b.ownership.counters).toMatchObject({ claims: 1, takeovers: 1, lost: 1, lostRaces: 1 });
  });

  it("stays with a broker that claims again", async (context) => {
    const { owners, brokers } = await someOwners(context, 1);
    const [a] = brokers as [Owner];
    expect(await Promise.all([a.connect("x"), a.connect("x"), a.connect("x")])).toEqual([undefined, undefined, undefined]);
    expect(owners.of("x")).toEqual([a]);
    expect(a.ownership.counters).toMatchObject({ claims: 3, lostRaces: 0, lost: 0 });
  });

  it("ends with a release, after which nobody is asked", async (context) => {
    const { brokers } = await someOwners(context, 2);
    const [a, b] = brokers as [Owner, Owner];
    await a.connect("x");
    await a.disconnect("x");
    expect(a.ownership.owns("x")).toBe(false);
    a.isAnswering = false;
    expect(await b.connect("x")).toBeUndefined();
    await b.disconnect("x");
    expect(b.ownership.counters).toMatchObject({ takeovers: 0, releases: 1 });
  });

  it("can be asked for, of any client", async (context) => {
    const { brokers } = await someOwners(context, 2);
    const [a, b] = brokers as [Owner, Owner];
    expect(await a.ownership.ownerOf("x")).toBeUndefined();
    await b.connect("x");
    expect(await a.ownership.ownerOf("x")).toBe(b.id);
    await b.disconnect("x");
    expect(await a.ownership.ownerOf("x")).toBeUndefined();
  });

  it("comes back after a release here with one write", async (context) => {
    const { brokers } = await someOwners(context, 1);
    const [a] = brokers as [Owner];
    for (let round = 0; round < 3; round++) {
      await a.connect("x");
      await a.disconnect("x");
    }
    expect(a.ownership.counters).toMatchObject({ claims: 3, releases: 3, lostRaces: 0 });
  });

  it("is not given up by a release while a claim is under way", async (context) => {
    const { owners, brokers } = await someOwners(context, 2);
    const [a, b] = brokers as [Owner, Owner];
    await a.connect("x");
    const again = a.connect("x");
    await a.ownership.release("x");
    await again;
    expect(a.ownership.owns("x")).toBe(true);
    expect(await b.connect("x")).toBe(a.id);
    expect(owners.of("x")).toEqual([b]);
  });

  it("takes any client identifier", async (context) => {
    const { brokers } = await someOwners(context, 2);
    const [a, b] = brokers as [Owner, Owner];
    for (const clientId of ["", "a.b.*.>", "\u00e9\ud83d\ude00 \u0000\r\n", "x".repeat(65_535)]) {
      await a.connect(clientId);
      expect(await b.connect(clientId)).toBe(a.id);
    }
  });

  it("falls to whoever claims when its broker is dead", async (context) => {
    const { brokers } = await someOwners(context, 2);
    const [a, b] = brokers as [Owner, Owner];
    await a.connect("x");
    a.die();
    expect(await b.connect("x")).toBeUndefined();
    expect(b.ownership.owns("x")).toBe(true);
  });

  it("falls to whoever waits when its broker turns out to be dead", async (context) => {
    const { brokers } = await someOwners(context, 2);
    const [a, b] = brokers as [Owner, Owner];
    await a.connect("x");
    a.isAnswering = false;
    const claimed = b.connect("x");
    a.die();
    expect(await claimed).toBeUndefined();
  });

  it("is refused while a living broker does not hand over, and still has to be handed over then", async (context) => {
    const owners = new Owners(context, [await startNatsServer(context)]);
    const [a, b] = [await owners.add(), await owners.add(undefined, 700)];
    await a.connect("x");
    a.isAnswering = false;
    await expect(b.connect("x")).rejects.toBeInstanceOf(ClaimError);
    expect(owners.of("x")).toEqual([a]);
    expect(b.ownership.counters).toMatchObject({ claimsFailed: 1 });
    a.isAnswering = true;
    expect(await b.connect("x")).toBe(a.id);
    expect(owners.violations).toEqual([]);
  });

  it("is handed over by the one before the one that died while it waited", async (context) => {
    const { owners, brokers } = await someOwners(context, 3);
    const [a, b, c] = brokers as [Owner, Owner, Owner];
    await a.connect("x");
    a.isAnswering = false;
    const waiting = b.connect("x");
    await untilLostRace(b); // it has learnt of a
    const claimed = c.connect("x");
    await untilLostRace(c);
    b.die();
    await expect(waiting).rejects.toBeInstanceOf(ClaimError);
    a.isAnswering = true;
    expect(await claimed).toBe(a.id);
    expect(owners.of("x")).toEqual([c]);
    expect(owners.violations).toEqual([]);
  });

  it("is handed over with the connection that is brought in the very turn in which it was claimed", async (context) => {
    const { brokers } = await someOwners(context, 1);
    const [a] = brokers as [Owner];
    const claimed = a.ownership.claim("x");
    const connected = claimed.then(async () => {
      for (let hop = 0; hop < 20; hop++) await undefined;
      a.clients.add("x");
    });
    await claimed;
    await a.ownership.takenOver("x", Number.MAX_SAFE_INTEGER);
    await connected;
    expect(a.clients.has("x")).toBe(false);
  });

  it("is kept when a peer's request comes after a newer claim", async (context) => {
    const { owners, brokers } = await someOwners(context, 2);
    const [a, b] = brokers as [Owner, Owner];
    await a.connect("x"); // 1
    await b.connect("x"); // 2
    await a.connect("x"); // 3
    await a.ownership.takenOver("x", 2);
    expect(owners.of("x")).toEqual([a]);
    expect(a.ownership.owns("x")).toBe(true);
  });

  it("does not make the next one ask all that ever had it", async (context) => {
    const { brokers } = await someOwners(context, 6);
    for (const broker of brokers) await broker.connect("x");
    const last = brokers.at(-1)!;
    last.die();
    for (const broker of brokers.slice(0, 3)) broker.isAnswering = false;
    await brokers[3]!.connect("x"); // would wait for the first three
  });

  it("ends for a broker that stops: what it waits for is refused", async (context) => {
    const { brokers } = await someOwners(context, 2);
    const [a, b] = brokers as [Owner, Owner];
    await a.connect("x");
    a.isAnswering = false;
    const waiting = b.connect("x");
    await untilLostRace(b);
    b.ownership.stop();
    await expect(waiting).rejects.toBeInstanceOf(ClaimError);
    await expect(b.connect("y")).rejects.toBeInstanceOf(ClaimError);
    expect(b.ownership.size).toBe(0);
  });
});

describe("a race for a client", () => {
  it("of ten brokers has one winner in each of 200 rounds", async (context) => {
    const { owners, brokers } = await someOwners(context, 10);
    for (let round = 0; round < 200; round++) {
      const outcomes = await Promise.allSettled(brokers.map((broker) => broker.connect("x")));
      expect(outcomes.some(({ status }) => status === "fulfilled")).toBe(true);
      for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(ClaimError);
      expect(owners.of("x")).toHaveLength(1);
      expect(owners.of("x")[0]!.ownership.owns("x")).toBe(true);
    }
    expect(owners.violations).toEqual([]);
  });

  it("has at most one winner at any moment, whoever comes, goes and dies", async (context) => {
    const { owners, brokers } = await someOwners(context, 8);
    const clients = ["x", "y", "z"];
    const random = mulberry32(5);
    const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)]!;
    let left = 1_500;
    const churn = async () => {
      while (left-- > 0) {
        const broker = pick(brokers.filter(({ isMember }) => isMember));
        const client = pick(clients);
        if (left === 1_000 || left === 500) broker.die();
        else if (random() < 0.3) await broker.disconnect(client);
        else await broker.connect(client).catch((error: unknown) => expect(error).toBeInstanceOf(ClaimError));
      }
    };
    await Promise.all(Array.from({ length: 12 }, churn));
    expect(owners.violations).toEqual([]);
    for (const client of clients) expect(owners.of(client).length).toBeLessThanOrEqual(1);
  });
});

describe("ownership and an engine in trouble", () => {
  it("outlives a restart of the server, and an owner that was there still hands over", async (context) => {
    const server = await startNatsServer(context);
    const owners = new Owners(context, [server]);
    const [a, b] = [await owners.add(), await owners.add()];
    await a.connect("x");
    await server.kill();
    await expect(b.connect("y")).rejects.toBeInstanceOf(EngineUnavailableError);
    await server.start();
    while (!(await connects(b, "x")));
    expect(owners.of("x")).toEqual([b]);
    expect(b.ownership.counters.takeovers).toBe(1);
    expect(owners.violations).toEqual([]);
  });

  it("outlives the leader of a cluster of servers", async (context) => {
    const cluster = await startNatsCluster(context);
    const owners = new Owners(context, cluster);
    const [a, b] = [await owners.add(), await owners.add()];
    const clients = Array.from({ length: 20 }, (_, index) => `c${index}`);
    await Promise.all(clients.map((client) => a.connect(client)));
    await cluster[0]!.kill();
    for (const client of clients) while (!(await connects(b, client)));
    expect(owners.violations).toEqual([]);
    expect(clients.map((client) => owners.of(client))).toEqual(clients.map(() => [b]));
  });

  it("counts a claim as written if its answer was lost", async (context) => {
    const owners = new Owners(context, [await startNatsServer(context)]);
    const a = await owners.add();
    await a.connect("x");
    const b = await owners.add((engine) => withAppend(engine, lostAnswers(1)));
    expect(await b.connect("x")).toBe(a.id);
    expect(await b.connect("y")).toBeUndefined();
    expect(owners.violations).toEqual([]);
  });

  it("asks the owner before a claim of ours that was thought lost and came late", async (context) => {
    const owners = new Owners(context, [await startNatsServer(context)]);
    const a = await owners.add();
    await a.connect("x");
    const b = await owners.add((engine) => withAppend(engine, late()));
    expect(await b.connect("x")).toBe(a.id);
    expect(owners.of("x")).toEqual([b]);
    expect(owners.violations).toEqual([]);
  });

  it("asks the owner before a claim of ours that had been refused to its client", async (context) => {
    const owners = new Owners(context, [await startNatsServer(context)]);
    const a = await owners.add();
    await a.connect("x");
    let isOut = false;
    const b = await owners.add((engine) => {
      const cut = withAppend(engine, async (append) => {
        if (!isOut) return append();
        await append();
        throw new EngineUnavailableError("cut off", { isOutcomeUnknown: true });
      });
      return Object.assign(Object.create(cut), {
        lastMessage: async (stream: string, subject: string) => {
          const found = await engine.lastMessage(stream, subject);
          if (isOut && found?.sequence !== 1) throw new EngineUnavailableError("cut off", { isOutcomeUnknown: true });
          isOut = true; // from the second append on
          return found;
        },
      });
    });
    await expect(b.connect("x")).rejects.toBeInstanceOf(EngineUnavailableError);
    expect(owners.of("x")).toEqual([a]);
    const c = await owners.add();
    expect(await c.connect("x")).toBe(b.id);
    expect(owners.of("x")).toEqual([c]);
    expect(owners.violations).toEqual([]);
  });
});

async function untilLostRace({ ownership }: Owner): Promise<void> {
  while (ownership.counters.lostRaces === 0) await new Promise((resolve) => setImmediate(resolve));
}

type Append = () => ReturnType<Engine["append"]>;

/** An engine that does something about its appends. */
function withAppend(engine: Engine, change: (append: Append) => ReturnType<Engine["append"]>): Engine {
  const changed = Object.create(engine) as Engine;
  for (const name of ["request", "subscribe", "lastMessage", "publish"] as const) {
    Object.assign(changed, { [name]: (engine[name] as (...args: unknown[]) => unknown).bind(engine) });
  }
  return Object.assign(changed, { append: (...args: Parameters<Engine["append"]>) => change(() => engine.append(...args)) });
}

/** The last so many are stored without an answer, the others fail or not as they do. */
function lostAnswers(after: number): (append: Append) => ReturnType<Engine["append"]> {
  let count = 0;
  return async (append) => {
    const answer = await append();
    if (++count > after) return answer;
    throw new EngineUnavailableError("no answer", { isOutcomeUnknown: true });
  };
}

/** The second append, the first that could succeed, comes to the server just before the third. */
function late(): (append: Append) => ReturnType<Engine["append"]> {
  let count = 0;
  let held: Append | undefined;
  return async (append) => {
    if (++count === 2) {
      held = append;
      throw new EngineUnavailableError("no answer", { isOutcomeUnknown: true });
    }
    if (count === 3) await held!();
    return append();
  };
}

async function connects(broker: Owner, clientId: string): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve));
  return broker.connect(clientId).then(
    () => true,
    (error: unknown) => {
      expect(error).toBeInstanceOf(EngineUnavailableError);
      return false;
    },
  );
}

/** The same numbers each time. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
