import { EventEmitter, once } from "node:events";
import { expect, it, onTestFinished, vi } from "vitest";
import type { StoredMessage } from "../../../src/cluster/nats/engine.js";
import { StreamTail, type StreamTailParts } from "../../../src/cluster/nats/stream-tail.js";

const HEARTBEAT = { headers: { code: 100, get: () => "" }, data: new Uint8Array() };

/** A server whose consumers say each moment that they are there, unless they are silent, and bring nothing by themselves. */
function server({ isSilent = false } = {}) {
  const events = new EventEmitter();
  const created: number[] = [];
  let bring: (message: object) => void = () => {};
  const heartbeats = setInterval(() => isSilent || bring(HEARTBEAT), 100);
  onTestFinished(() => clearInterval(heartbeats));
  const parts = {
    connection: {
      subscribe: (_subject: string, { callback }: { callback: (error: null, message: object) => void }) => {
        bring = (message) => callback(null, message);
        return { unsubscribe: () => {} };
      },
    },
    watch: { connected: async () => {}, onState: () => () => {}, state: { isConnected: true } },
    ask: async (verb: string, body: { config: { opt_start_seq: number } }) => {
      if (!verb.startsWith("CONSUMER.CREATE")) return;
      created.push(body.config.opt_start_seq);
      events.emit("created");
    },
    inbox: "inbox",
  };
  const message = (sequence: number, delivery: number) =>
    bring({ subject: "s", data: Buffer.from("x"), reply: `$JS.ACK.log.c1.1.${sequence}.${delivery}.1700000000000000000.0` });
  return { parts: parts as unknown as StreamTailParts, events, created, message };
}

it("a consumer that lives and does not bring what others have read is made anew, after what it has brought", async () => {
  const { parts, events, created, message } = server();
  const read: StoredMessage[] = [];
  const tail = new StreamTail(parts, "log", { onMessage: (each) => void read.push(each) });
  onTestFinished(() => tail.stop());
  await once(events, "created");
  message(1, 1);
  message(2, 2);
  tail.expect(2); // nothing is amiss
  tail.expect(3);
  await once(events, "created");
  message(3, 1);
  expect([created, read.map(({ sequence }) => sequence)]).toEqual([
    [1, 3],
    [1, 2, 3],
  ]);
});

it("a server that says nothing, as it has too much to do, is asked for consumers less and less often", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { parts, created } = server({ isSilent: true });
  const tail = new StreamTail(parts, "log", { onMessage: () => {} });
  const asked: number[] = [];
  for (let minute = 0; minute < 3; minute++) {
    const before = created.length;
    await vi.advanceTimersByTimeAsync(60_000);
    asked.push(created.length - before);
  }
  await tail.stop();
  expect(asked[0]).toBeGreaterThan(2); // at first it may be only that server that is gone
  expect(asked[0]).toBeLessThanOrEqual(6);
  for (const count of asked.slice(1)) expect(count).toBeLessThanOrEqual(2);
});

it("reads again what was not taken, with what came before it, and nothing that followed", async () => {
  const { parts, events, created, message } = server();
  const read: number[] = [];
  let isComplete = false;
  const tail = new StreamTail(parts, "log", {
    onMessage: ({ sequence }) => {
      if (sequence === 9 && !isComplete) return false;
      read.push(sequence);
      return true;
    },
  });
  onTestFinished(() => tail.stop());
  await once(events, "created");
  const again = once(events, "created");
  for (const [index, sequence] of [5, 9, 10].entries()) message(sequence, index + 1);
  await again;
  expect([read, created]).toEqual([[5], [1, 6]]);
  isComplete = true;
  for (const [index, sequence] of [7, 9, 10].entries()) message(sequence, index + 1);
  expect(read).toEqual([5, 7, 9, 10]);
});
