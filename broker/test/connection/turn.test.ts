import { beforeEach, describe, expect, it } from "vitest";
import { type Flushable, Turn } from "../../src/connection/turn.js";
import { oneOf, seededRandom } from "../topics/support.js";
import { endOfTurn } from "./support.js";

/** A connection that notes how it was written to. */
class Receiver implements Flushable {
  readonly turn: Turn;
  readonly bytes = Buffer.alloc(100_000);
  length = 0;
  reserved = 0;
  flushed = 0;
  onFlush: () => void = () => {};

  constructor(turn: Turn) {
    this.turn = turn;
  }

  flush(): void {
    this.flushed++;
    this.onFlush();
  }

  reserve(length: number): number {
    if (this.turn.isRunFor(this)) this.turn.endRun();
    this.reserved++;
    this.length += length;
    return this.length - length;
  }

  outputBytes(): Uint8Array {
    return this.bytes;
  }

  /** What a packet of its own does that is not forwarded. */
  send(text: string): void {
    const at = this.reserve(text.length);
    this.bytes.write(text, at, "latin1");
  }

  get text(): string {
    return this.bytes.toString("latin1", 0, this.length);
  }
}

describe("Turn", () => {
  let turn: Turn;
  beforeEach(() => {
    turn = new Turn();
  });
  const receiver = () => new Receiver(turn);

  it("flushes who has something to send once, at the end of the turn", async () => {
    const receivers = Array.from({ length: 3 }, receiver);
    for (const each of receivers.slice(0, 2)) turn.add(each);
    expect(receivers.map(({ flushed }) => flushed)).toEqual([0, 0, 0]);
    await endOfTurn();
    expect(receivers.map(({ flushed }) => flushed)).toEqual([1, 1, 0]);
    turn.add(receivers[2]!);
    await endOfTurn();
    expect(receivers.map(({ flushed }) => flushed)).toEqual([1, 1, 1]);
  });

  it("leaves to the next turn who is added while others are flushed", async () => {
    const [one, other] = [receiver(), receiver()];
    one.onFlush = () => {
      if (one.flushed === 1) turn.add(other);
    };
    turn.add(one);
    await endOfTurn();
    await endOfTurn();
    expect([one.flushed, other.flushed]).toEqual([1, 1]);
  });

  it("flushes many thousands of connections in one turn", async () => {
    const receivers = Array.from({ length: 20_000 }, () => ({
      flushed: 0,
      flush: () => {},
      reserve: () => 0,
      outputBytes: () => Buffer.alloc(0),
    }));
    for (const each of receivers) {
      each.flush = () => {
        each.flushed++;
      };
      turn.add(each);
    }
    await endOfTurn();
    expect(receivers.every(({ flushed }) => flushed === 1)).toBe(true);
  });

  it("copies packets that follow each other to one receiver in one piece", () => {
    const one = receiver();
    const bytes = Buffer.from("aabbccdd");
    for (let i = 0; i < 8; i += 2) turn.forward(one, bytes, i, i + 2);
    expect([one.length, turn.runLength, turn.isRunFor(one)]).toEqual([0, 8, true]);
    turn.endRun();
    expect([one.text, one.reserved, turn.runLength, turn.isRunFor(one)]).toEqual(["aabbccdd", 1, 0, false]);
    turn.endRun();
    expect(one.text).toBe("aabbccdd");
  });

  it.each([
    [
      "another receiver",
      (_: Receiver, bytes: Buffer) => turn.forward(receiver(), bytes, 2, 4),
      (one: Receiver, bytes: Buffer) => turn.forward(one, bytes, 4, 6),
    ],
    ["a gap", () => {}, (one: Receiver, bytes: Buffer) => turn.forward(one, bytes, 4, 6)],
    ["another buffer", () => {}, (one: Receiver) => turn.forward(one, Buffer.from("--cc"), 2, 4)],
  ])("ends a run at %s", (_, between, then) => {
    const one = receiver();
    const bytes = Buffer.from("aabbcc");
    turn.forward(one, bytes, 0, 2);
    between(one, bytes);
    then(one, bytes);
    turn.endRun();
    expect([one.text, one.reserved]).toEqual(["aacc", 2]);
  });

  it("puts a run before anything else that its receiver is sent", () => {
    const one = receiver();
    turn.forward(one, Buffer.from("aabb"), 0, 2);
    one.send("own");
    turn.forward(one, Buffer.from("aabb"), 2, 4);
    turn.endRun();
    expect(one.text).toBe("aaownbb");
  });

  it("has copied the bytes when the run has ended, so that they may become invalid", () => {
    const one = receiver();
    const bytes = Buffer.from("aa");
    turn.forward(one, bytes, 0, 2);
    turn.endRun();
    bytes.fill(0);
    expect(one.text).toBe("aa");
  });

  it.each([1, 2, 3])("keeps each receiver's order, whoever gets what (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const receivers = Array.from({ length: 4 }, receiver);
    const expected = receivers.map(() => "");
    for (let round = 0; round < 100; round++) {
      const bytes = Buffer.from(Array.from({ length: 60 }, () => 97 + Math.floor(random() * 26)));
      for (let at = 0; at < 60; ) {
        const i = random() < 0.5 ? 0 : Math.floor(random() * 4);
        const length = Math.min(60 - at, 1 + Math.floor(random() * 10));
        if (random() < 0.8) {
          turn.forward(receivers[i]!, bytes, at, at + length);
          expected[i] += bytes.toString("latin1", at, at + length);
        } else {
          const text = oneOf(["X", "YZ"], random);
          receivers[i]!.send(text);
          expected[i] += text;
        }
        at += length;
      }
      turn.endRun();
      bytes.fill(0);
    }
    expect(receivers.map(({ text }) => text)).toEqual(expected);
  });
});
