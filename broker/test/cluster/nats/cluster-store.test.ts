import { describe, expect, it, onTestFinished, type TestContext, vi } from "vitest";
import { ClusterStore, type ClusterStoreOptions } from "../../../src/cluster/nats/cluster-store.js";
import type { Engine } from "../../../src/cluster/nats/engine.js";
import { EngineUnavailableError, LostRaceError } from "../../../src/cluster/nats/engine-errors.js";
import { sealFrame } from "../../../src/cluster/nats/journal-frames.js";
import { readJournal } from "../../../src/cluster/nats/read-journal.js";
import { journalOf, sessionStreams } from "../../../src/cluster/nats/session-streams.js";
import type { StoredMessages } from "../../../src/persistence/message-store.js";
import { CommitError } from "../../../src/session/commit-error.js";
import { Delivery } from "../../../src/session/delivery.js";
import { describeMessageStore } from "../../persistence/message-store.suite.js";
import { describeSessionStore } from "../../persistence/session-store.suite.js";
import { messageOf } from "../../session/support.js";
import { type NatsServerOptions, startNatsServer } from "../../support/nats-server.js";
import { engineAt } from "./engine-support.js";
import { MemoryEngine } from "./memory-engine.js";
import { SILENT } from "./test-backplane.js";

const SLOW = { timeout: 60_000 };
const STREAMS = { prefix: "mqttd.test", shards: 2 };

/** A store in a stream of a server of its own, and the same as the broker finds it that takes over. */
class Opened {
  readonly store: ClusterStore;
  readonly engine: Engine;
  readonly place = journalOf(STREAMS.prefix, STREAMS.shards, "one");
  lost = 0;
  #readers = 0;

  private constructor(engine: Engine, options: Partial<ClusterStoreOptions>) {
    this.engine = engine;
    this.store = new ClusterStore({ log: SILENT, retryMs: 20, ...options });
    onTestFinished(() => this.store.end());
  }

  static async at(context: TestContext, options: Partial<ClusterStoreOptions> = {}, server: NatsServerOptions = {}): Promise<Opened> {
    const engine = await engineAt(context, [await startNatsServer(context, server)]);
    await engine.ensureStreams(sessionStreams({ ...STREAMS, storage: "file", replicas: 1 }));
    const opened = new Opened(engine, options);
    await opened.store.begin({ engine, ...opened.place, onLost: () => opened.lost++ });
    return opened;
  }

  async read() {
    const last = await this.engine.lastMessage(this.place.stream, this.place.subject);
    return readJournal(this.engine, this.place, { upTo: last!.sequence });
  }

  async reopened(): Promise<ClusterStore> {
    const replay = await this.read();
    const next = new ClusterStore({ log: SILENT });
    onTestFinished(() => next.end());
    await next.begin({ engine: this.engine, ...journalOf(STREAMS.prefix, STREAMS.shards, `two-${++this.#readers}`), onLost: () => {} });
    const { session, queue, body } = replay.nextNumbers;
    next.sessions.restore(replay.sessions.values(), session);
    next.messages.restore(replay.queues.values(), { nextQueue: queue, nextBody: body });
    return next;
  }

  add(sequence: number, payload: string | Buffer = `${sequence}`): Delivery {
    const message = messageOf("t", { payload: Buffer.from(payload), qos: 1 });
    const delivery = new Delivery(sequence, message, 1, false, undefined, undefined);
    this.store.messages.add("c", delivery);
    return delivery;
  }

  async bytes(): Promise<number> {
    let total = 0;
    for (let from = 1; ; ) {
      const message = await this.engine.nextMessage(this.place.stream, from);
      if (message === undefined) return total;
      total += message.bytes.length;
      from = message.sequence + 1;
    }
  }
}

describeSessionStore("sessions of a ClusterStore", async (context) => {
  const opened = await Opened.at(context);
  return { store: opened.store.sessions, reopen: async () => (await opened.reopened()).sessions };
});
describeMessageStore("messages of a ClusterStore", async (context) => {
  const opened = await Opened.at(context);
  return { store: opened.store.messages, reopen: async () => (await opened.reopened()).messages };
});

describe("the journal of a broker in NATS", SLOW, () => {
  it("holds what is longer than a message may be, as one", async (context) => {
    const opened = await Opened.at(context);
    for (let i = 1; i <= 5; i++) opened.add(i, Buffer.alloc(600_000, i));
    await opened.store.messages.commit();
    const { deliveries } = (await opened.reopened()).messages.load("c") as StoredMessages;
    expect(deliveries.map(({ message }) => [message.payload.length, message.payload[0]])).toEqual([1, 2, 3, 4, 5].map((i) => [600_000, i]));
  });

  it("does not grow with what has come and gone, and can be read at any time", async (context) => {
    const opened = await Opened.at(context, { compactBytes: 100_000 });
    const kept = opened.add(1, "kept");
    let next = 2;
    for (let round = 0; round < 60; round++) {
      const passing = Array.from({ length: 20 }, () => opened.add(next++, Buffer.alloc(1_000)));
      await opened.store.messages.commit();
      for (const delivery of passing) opened.store.messages.remove("c", delivery);
      await opened.store.messages.commit();
      if (round % 10 > 0) continue;
      const { deliveries } = (await opened.reopened()).messages.load("c") as StoredMessages;
      expect(deliveries.map(({ sequence }) => sequence)).toEqual([kept.sequence]);
    }
    expect(opened.store.journal.compactions).toBeGreaterThan(3);
    expect(await opened.bytes()).toBeLessThan(500_000);
  });

  it("says of what went to members of a group here, in place of those of a broker that is dead, that it was for this one, and came", async (context) => {
    const opened = await Opened.at(context);
    const groups = ["dead", "other"].map((broker) => ({ shareName: broker, filter: "t", broker }));
    const outgoing = { origin: "a", number: 7, message: messageOf("x"), toSubscribers: true, groups };
    opened.store.note(outgoing);
    await opened.store.journal.commit();
    opened.store.dealt({ origin: "a", number: 7 }, "dead", "self");
    opened.store.dealt({ origin: "a", number: 8 }, "dead", "self"); // all have it
    await opened.store.journal.commit();
    const { outgoingMessages, groupNumbers } = await opened.read();
    expect([...outgoingMessages.values()].map((each) => each.groups.map(({ broker }) => broker))).toEqual([["self", "other"]]);
    expect([7, 8].map((number) => groupNumbers.get("a")?.has(number))).toEqual([true, false]);
  });

  it("forgets what came for shared groups when nobody need know, also where it was written before", async (context) => {
    const opened = await Opened.at(context);
    for (const origin of ["a", "b"]) opened.store.hadForGroup({ origin, number: 7, floor: 0 });
    await opened.store.journal.commit();
    opened.store.forgetForGroups("a");
    opened.store.hadForGroup({ origin: "b", number: 7, floor: 0 }); // known
    expect(opened.store.journal.pendingRows).toBe(1);
    await opened.store.journal.commit();
    expect([...(await opened.read()).groupNumbers.keys()]).toEqual(["b"]);
  });

  it("has which messages have come for shared groups, whatever it leaves out of what came before", async (context) => {
    const opened = await Opened.at(context, { compactBytes: 5_000 });
    for (let number = 1; number <= 300; number++) {
      opened.store.hadForGroup({ origin: number % 3 === 0 ? "a" : "b", number, floor: 100 });
      if (number % 10 > 0) continue;
      opened.add(number, Buffer.alloc(1_000));
      await opened.store.messages.commit();
    }
    expect(opened.store.journal.compactions).toBeGreaterThan(0);
    const { groupNumbers } = await opened.read();
    const had = (origin: string) =>
      Array.from({ length: 301 }, (_, number) => number).filter((each) => groupNumbers.get(origin)?.has(each));
    expect([had("a").slice(-3), had("b").slice(-3)]).toEqual([
      [294, 297, 300],
      [296, 298, 299],
    ]);
    expect([had("a").length, had("b").length]).toEqual([100 + 67, 100 + 134]);
  });

  it("takes nothing any more once another broker has sealed it", async (context) => {
    const opened = await Opened.at(context);
    opened.add(1);
    await opened.store.messages.commit();
    const { stream, subject } = opened.place;
    await opened.engine.append(subject, sealFrame("two"));
    const sealed = await opened.engine.lastMessage(stream, subject);
    for (let i = 2; i < 5; i++) {
      opened.add(i);
      await expect(opened.store.messages.commit()).rejects.toThrow();
    }
    expect([opened.lost, await opened.engine.lastMessage(stream, subject)]).toEqual([1, sealed]);
    expect((await opened.read()).counts().deliveries).toBe(1);
  });

  it("writes nothing of what changes after its end, though something from before is on its way again", async () => {
    const engine = new MemoryEngine();
    const store = new ClusterStore({ log: SILENT, retryMs: 1 });
    const place = { engine, stream: "s", subject: "j", onLost: () => {} };
    await store.begin(place);
    const add = (sequence: number) => store.messages.add("c", new Delivery(sequence, messageOf("t"), 1, false, undefined, undefined));
    add(1);
    engine.failures.push("lost");
    await expect(store.messages.commit()).rejects.toThrow("lost");
    const again = new Promise<void>((resolve) => {
      const append = engine.append.bind(engine);
      vi.spyOn(engine, "append").mockImplementation((...parts) => {
        resolve();
        return append(...parts);
      });
    });
    await again;
    const ended = store.end();
    add(2);
    await ended;
    expect(engine.stored).toHaveLength(2); // its beginning, and one group
  });

  it("has nothing of a group as long as what comes before it cannot be stored, unless there is no room for that", async () => {
    const engine = new MemoryEngine();
    const failures = [
      new EngineUnavailableError("out of reach", { isOutcomeUnknown: true }),
      new LostRaceError("a", 1),
      new EngineUnavailableError("full", { isOutcomeUnknown: false, isFull: true }),
    ];
    const storedAt: number[] = [];
    const before = async () => {
      storedAt.push(engine.stored.length);
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
    };
    const store = new ClusterStore({ log: SILENT, retryMs: 1, before });
    await store.begin({ engine, stream: "s", subject: "j", onLost: () => {} });
    store.messages.add("c", new Delivery(1, messageOf("t"), 1, false, undefined, undefined));
    await expect(store.messages.commit()).rejects.toThrow("out of reach");
    await vi.waitFor(() => expect(engine.stored).toHaveLength(2)); // its beginning, and the group
    expect(storedAt).toEqual([1, 1, 1]);
    await store.end();
  });

  it("says that there is no room while NATS is full, keeps what it was given, and writes it when there is", async (context) => {
    const opened = await Opened.at(context, {}, { jetStreamConfig: "max_file_store: 3MB" });
    const added: Delivery[] = [];
    let failure: unknown;
    for (let i = 1; failure === undefined && i < 100; i++) {
      added.push(opened.add(i, Buffer.alloc(200_000)));
      await opened.store.messages.commit()?.catch((error: unknown) => {
        failure = error;
      });
    }
    expect(new CommitError(failure).isForWantOfRoom).toBe(true);
    const { stream } = opened.place;
    const other = journalOf(STREAMS.prefix, STREAMS.shards, "one");
    expect(other.stream).toBe(stream);
    expect(opened.store.messages.size).toBe(added.length);
    expect((await opened.read()).counts().deliveries).toBe(added.length - 1);
  });
});
