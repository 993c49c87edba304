import { expect, it } from "vitest";
import type { HostedSessions } from "../../../src/cluster/hosted-sessions.js";
import { ClusterCounters } from "../../../src/cluster/nats/cluster-counters.js";
import { Dealt } from "../../../src/cluster/nats/dealt.js";
import type { Tail, TailOptions } from "../../../src/cluster/nats/engine.js";
import { Estates } from "../../../src/cluster/nats/estates.js";
import { groupFrames } from "../../../src/cluster/nats/journal-frames.js";
import { Switches } from "../../../src/cluster/nats/switches.js";
import { ByteWriter } from "../../../src/journal/byte-writer.js";
import { Deferred } from "../../../src/journal/deferred.js";
import { RecordType, writeBody, writeDelivery, writeNamed, writeSession } from "../../../src/persistence/records.js";
import { Delivery } from "../../../src/session/delivery.js";
import { messageOf } from "../../session/support.js";
import { MemoryEngine } from "./memory-engine.js";
import { SILENT } from "./test-backplane.js";

/** Whose journal can be read. */
class JournalEngine extends MemoryEngine {
  override tail(_stream: string, { onMessage }: TailOptions): Tail {
    for (const message of this.stored) onMessage(message);
    return { expect: () => {}, stop: async () => {} } as unknown as Tail;
  }
}

it.each([
  ["while it asks others for newer copies", 0],
  ["while it takes over the first of two", 1],
] as const)("a broker that is taken for dead %s takes over no session of a dead one any more", async (when, expected) => {
  const engine = new JournalEngine();
  const out = new ByteWriter();
  for (const [index, clientId] of ["a", "b"].entries()) {
    writeSession(out, index + 1, { clientId, userName: undefined, expirySeconds: 60, disconnectedAtMs: 0, will: undefined });
  }
  await engine.append("dead", groupFrames(1, out.bytes.subarray(0, out.length), 100_000)[0]!);
  const [asked, answered, done] = [new Deferred(), new Deferred(), new Deferred()];
  const adopted: string[] = [];
  const sessions: Partial<HostedSessions> = {
    adopt: async (given) => {
      for (const { session } of given) {
        adopted.push(session.clientId);
        if (when.startsWith("while it takes")) estates.stop(new Error("taken for dead"));
        await new Promise(setImmediate);
      }
      done.resolve();
    },
  };
  const estates = new Estates({
    ...{ self: "self", engine, sessions: sessions as HostedSessions, switches: new Switches(), peers: () => [], log: SILENT },
    ...{
      journalOf: (subject) => ({ stream: "s", subject }),
      isMember: (broker) => broker === "self",
      announce: async () => 1,
      isHeir: () => true,
    },
    ...{
      dealt: new Dealt({ note: () => {}, unnote: () => {} }),
      note: () => {},
      publishAgain: async () => {},
      tidyUp: async () => {},
      underWay: () => undefined,
      fetch: () => {},
      counters: new ClusterCounters(),
    },
    elsewhere: async () => {
      asked.resolve();
      await answered.promise;
      return new Set<string>();
    },
  });
  estates.left("dead");
  await asked.promise;
  if (when.startsWith("while it asks")) estates.stop(new Error("taken for dead"));
  answered.resolve();
  await done.promise;
  expect(adopted.length).toBe(expected);
});

it("what came to a dead broker's place for a session that is elsewhere by now is taken over, to be put together with that; without any of its own it is not", async () => {
  const engine = new JournalEngine();
  const out = new ByteWriter();
  for (const [index, clientId] of ["own", "shared", "nothing", "whole"].entries()) {
    const arrivingFrom = clientId === "whole" ? {} : { arrivingFrom: "living", moves: 1 };
    const session = { clientId, userName: undefined, expirySeconds: 60, disconnectedAtMs: 0, will: undefined, ...arrivingFrom };
    writeSession(out, index + 1, session);
    if (clientId === "nothing") continue;
    writeNamed(out, RecordType.Queue, index + 1, clientId);
    writeBody(out, index + 1, messageOf(clientId));
    writeDelivery(
      out,
      index + 1,
      index + 1,
      new Delivery(1, messageOf(clientId), 1, false, undefined, undefined),
      clientId === "shared" ? "$share/g/t" : undefined,
    );
  }
  await engine.append("dead", groupFrames(1, out.bytes.subarray(0, out.length), 100_000)[0]!);
  const [adopted, dealt, done]: [string[], string[], Deferred] = [[], [], new Deferred()];
  const sessions: Partial<HostedSessions> = {
    adopt: async (given) => adopted.push(...Array.from(given, ({ session }) => session.clientId)) as never,
    dealOut: (owed) => dealt.push(...Array.from(owed).flatMap(({ clientId, deliveries }) => deliveries.map(() => clientId))) as never,
  };
  const estates = new Estates({
    ...{ self: "self", engine, sessions: sessions as HostedSessions, switches: new Switches(), peers: () => [], log: SILENT },
    ...{ journalOf: (subject) => ({ stream: "s", subject }), isMember: (broker) => broker === "self", isHeir: () => true },
    ...{ dealt: new Dealt({ note: () => {}, unnote: () => {} }), note: () => {}, counters: new ClusterCounters(), fetch: () => {} },
    ...{ publishAgain: async () => {}, tidyUp: async () => {}, underWay: () => undefined },
    elsewhere: async (all) => new Set(all.map(({ clientId }) => clientId)),
    announce: async () => {
      done.resolve();
      return 1;
    },
  });
  estates.left("dead");
  await done.promise;
  expect([adopted, dealt]).toEqual([["own"], ["shared"]]);
});

it("only the heir takes over from brokers that have left, also from those that had before it was the heir, the last of them first", async () => {
  const engine = new JournalEngine();
  const taken: string[] = [];
  let isHeir = false;
  const [all, done] = [["first", "second", "third"], new Deferred()];
  const estates = new Estates({
    ...{ self: "self", engine, sessions: { adopt: async () => {}, dealOut: () => {} } as unknown as HostedSessions },
    ...{
      switches: new Switches(),
      peers: () => ["elder"],
      log: SILENT,
      counters: new ClusterCounters(),
      dealt: new Dealt({ note: () => {}, unnote: () => {} }),
    },
    ...{ journalOf: (subject) => ({ stream: "s", subject }), isMember: () => true, isHeir: () => isHeir, note: () => {} },
    ...{
      elsewhere: async () => new Set<string>(),
      publishAgain: async () => {},
      tidyUp: async () => {},
      fetch: () => {},
      underWay: () => undefined,
    },
    announce: async (record) => {
      if (record.type === "adopted") taken.push(record.broker);
      if (taken.length === all.length) done.resolve();
      return 1;
    },
  });
  for (const broker of all) estates.left(broker);
  await new Promise(setImmediate);
  expect(engine.stored).toEqual([]);
  isHeir = true;
  estates.look();
  await done.promise;
  expect(taken).toEqual(["third", "second", "first"]);
});
