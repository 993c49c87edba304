import { beforeEach, describe, expect, it } from "vitest";
import type { PeerDelivery } from "../../../src/cluster/backplane.js";
import { PeerInbox } from "../../../src/cluster/nats/peer-inbox.js";
import { PeerLink } from "../../../src/cluster/nats/peer-link.js";
import { ByteWriter } from "../../../src/journal/byte-writer.js";
import { Deferred } from "../../../src/journal/deferred.js";
import { type Message, NEVER } from "../../../src/message.js";
import { writeMessage } from "../../../src/persistence/message-record.js";
import { SettableClock } from "../../support/settable-clock.js";
import { seededRandom } from "../../topics/support.js";

const MAX_IN_FLIGHT_BYTES = 100_000;

function message(payload: string, fields: Partial<Message> = {}): Message {
  return { topic: "t", payload: Buffer.from(payload), qos: 1, retain: false, properties: {}, expiresAtMs: NEVER, publisher: "", ...fields };
}

function encoded(of: Message): Uint8Array {
  const out = new ByteWriter();
  writeMessage(out, of);
  return out.bytes.subarray(0, out.length);
}

/** The way from one broker to another, which the test can make lossy. */
class Way {
  readonly clock = new SettableClock();
  readonly received: string[] = [];
  readonly deliveries: PeerDelivery[] = [];
  /** Batches sent, by sequence. */
  readonly sent: number[] = [];
  /** What the receiver says to each message. */
  wait: (() => Promise<void> | undefined) | undefined;
  retry: (() => Promise<void> | undefined) | undefined;
  passes: (what: "batch" | "acknowledgement") => boolean = () => true;
  readonly inbox = new PeerInbox({
    take: (entries) => {
      const waits: Promise<void>[] = [];
      entries({
        message: ({ payload }, to) => {
          this.received.push(Buffer.from(payload).toString());
          this.deliveries.push(to);
          const wait = this.wait?.();
          if (wait !== undefined) waits.push(wait);
        },
        mark: (token) => this.received.push(`mark ${token}`),
        session: (clientId, records) => this.received.push(`session ${clientId} ${records.length}`),
      });
      return waits;
    },
    retry: () => this.retry?.(),
    acknowledge: (received, accepted) => this.passes("acknowledgement") && this.link.acknowledged(received, accepted),
  });
  readonly link: PeerLink = new PeerLink({
    clock: this.clock,
    maxInFlightBytes: MAX_IN_FLIGHT_BYTES,
    maxBatchBytes: 10_000,
    send: (sequence, bytes) => {
      this.sent.push(sequence);
      if (this.passes("batch")) this.inbox.receive(sequence, 0, 1, bytes);
      return true;
    },
  });

  put(payload: string): Promise<void> | undefined {
    return this.link.put(true, [], encoded(message(payload)))?.accepted;
  }

  turn(): void {
    this.link.flush();
    this.inbox.report();
  }
}

describe("the way to a peer", () => {
  let way: Way;
  beforeEach(() => {
    way = new Way();
  });

  it("carries the messages of a turn as one batch, with one promise for all", async () => {
    const accepted = ["1", "2", "3"].map((payload) => way.put(payload));
    expect([way.sent, accepted[1] === accepted[0], way.link.isIdle]).toEqual([[], true, false]);
    way.turn();
    await accepted[0];
    expect([way.sent, way.received, way.link.isIdle, way.link.inflightBytes]).toEqual([[1], ["1", "2", "3"], true, 0]);
  });

  it("does not wait for the turn to end when a batch has become large", () => {
    for (let i = 0; i < 25; i++) way.put("x".repeat(1_000));
    expect(way.sent).toEqual([1, 2]);
    way.turn();
    expect([way.sent, way.received.length]).toEqual([[1, 2, 3], 25]);
  });

  it("says for whom each message is, and leaves nothing of it out", () => {
    const groups = [{ shareName: "g", filter: "a/+" }];
    const full = message("p", {
      retain: true,
      qos: 2,
      publisher: "é",
      expiresAtMs: 1_700_000_000_123,
      properties: { contentType: "c", userProperties: [["k", "v"]], correlationData: new Uint8Array([1]) },
    });
    way.link.put(false, groups, encoded(full));
    way.link.put(true, groups, encoded(full));
    way.link.put(true, [], encoded(full));
    way.turn();
    expect(way.deliveries).toEqual([
      { toSubscribers: false, groups },
      { toSubscribers: true, groups },
      { toSubscribers: true, groups: [] },
    ]);
  });

  it.each([1, 2, 3])("delivers all, once and in order, whatever is lost either way (seed %i)", async (seed) => {
    const random = seededRandom(seed);
    way.passes = () => random() < 0.6;
    const accepted: (Promise<void> | undefined)[] = [];
    for (let i = 0; i < 500; i++) {
      accepted.push(way.put(`${i}`));
      if (random() < 0.3) way.turn();
      way.clock.nowMs += 100;
      if (random() < 0.1) way.link.resend();
    }
    for (let i = 0; i < 1_000 && !way.link.isIdle; i++) {
      way.turn();
      way.clock.nowMs += 8_000;
      way.link.resend();
    }
    await Promise.all(accepted);
    expect(way.received).toEqual(Array.from({ length: 500 }, (_, i) => `${i}`));
  });

  it("puts parts together, and begins anew when one is missing", () => {
    const received: number[] = [];
    const inbox = new PeerInbox({
      take: (entries) => {
        entries({ message: ({ payload }) => received.push(payload.length), mark: () => {}, session: () => {} });
        return [];
      },
      retry: () => undefined,
      acknowledge: () => {},
    });
    const out = new ByteWriter();
    out.u8(1);
    writeMessage(out, message("x".repeat(1_000)));
    const bytes = Uint8Array.from(out.bytes.subarray(0, out.length));
    const part = (at: number) => inbox.receive(1, at, 3, bytes.subarray(at * 400, (at + 1) * 400));
    for (const at of [0, 2, 1, 0, 1]) part(at);
    expect(received).toEqual([]);
    part(2);
    part(2);
    expect(received).toEqual([1_000]);
  });

  it("answers for a batch only when the receiver does, in order, and sends what has come meanwhile not again", async () => {
    const waits: Deferred[] = [];
    way.wait = () => {
      waits.push(new Deferred());
      return waits[waits.length - 1]!.promise;
    };
    const settled: number[] = [];
    for (const number of [1, 2]) {
      void way.put(`${number}`)!.then(() => settled.push(number));
      way.turn();
    }
    waits[1]!.resolve();
    await new Promise(setImmediate);
    way.clock.nowMs += 60_000;
    way.link.resend();
    expect([settled, way.received]).toEqual([[], ["1", "2"]]);
    waits[0]!.resolve();
    await new Promise(setImmediate);
    expect([settled, way.link.isIdle]).toEqual([[1, 2], true]);
  });

  it("takes no more than may be on its way, yet always one message, however large", async () => {
    way.passes = () => false;
    expect(way.put("x".repeat(2 * MAX_IN_FLIGHT_BYTES))).toBeInstanceOf(Promise);
    expect(way.put("y")).toBeUndefined();
    way.turn();
    expect(way.put("y")).toBeUndefined();
    way.passes = () => true;
    way.link.resend(true);
    way.inbox.report();
    const accepted = way.put("z");
    way.turn();
    await accepted;
    expect(way.received.map((text) => text.length)).toEqual([2 * MAX_IN_FLIGHT_BYTES, 1]);
  });

  it("tells those who wait that it failed, and hands their messages over all the same when that is possible again", async () => {
    way.passes = () => false;
    const accepted = way.put("1")!;
    way.turn();
    way.link.reject(new Error("away"));
    await expect(accepted).rejects.toThrow("away");
    way.passes = () => true;
    way.link.resend(true);
    way.inbox.report();
    expect([way.received, way.link.isIdle]).toEqual([["1"], true]);
  });

  it("lets those who wait go when the peer has gone", async () => {
    way.passes = () => false;
    const accepted = [way.put("1")!];
    way.turn();
    accepted.push(way.put("2")!);
    way.link.close();
    await Promise.all(accepted);
    expect([way.put("3"), way.link.inflightBytes]).toEqual([undefined, 0]);
  });
});
