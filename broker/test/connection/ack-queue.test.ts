import { beforeEach, describe, expect, it } from "vitest";
import { type AckType, PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { AckQueue, type AckTarget } from "../../src/connection/ack-queue.js";
import { seededRandom } from "../topics/support.js";
import { deferred, endOfTurn } from "./support.js";

const { Puback, Pubrec, Pubcomp } = PacketType;
const { Success, NoMatchingSubscribers, NotAuthorized } = ReasonCode;

class Target implements AckTarget {
  isConnected = true;
  readonly acks: unknown[] = [];

  acknowledge(type: AckType, packetId: number, reasonCode: ReasonCode): void {
    this.acks.push([type, packetId, reasonCode]);
  }

  rejectAcks(type: AckType, packetId: number, _reasonCode: ReasonCode, error: unknown): void {
    this.acks.push([type, packetId, (error as Error).message]);
  }

  get ids(): unknown[] {
    return this.acks.map((ack) => (ack as unknown[])[1]);
  }
}

describe("AckQueue", () => {
  let queue: AckQueue;
  let target: Target;
  beforeEach(() => {
    queue = new AckQueue();
    target = new Target();
  });

  it("acknowledges at once what need not wait", () => {
    queue.add(target, undefined, Puback, 1, NoMatchingSubscribers);
    expect([target.acks, queue.size]).toEqual([[[Puback, 1, NoMatchingSubscribers]], 0]);
  });

  it("acknowledges nothing before its message is safe, and nothing out of turn [MQTT-4.6.0-2] [MQTT-4.6.0-3], 3.1.1 [MQTT-4.6.0-2] [MQTT-4.6.0-3]", async () => {
    const [first, second] = [deferred(), deferred()];
    queue.add(target, first.promise, Puback, 1, Success);
    queue.add(target, second.promise, Pubrec, 2, Success);
    queue.add(target, undefined, Puback, 3, Success);
    second.resolve();
    await endOfTurn();
    expect([target.acks, queue.size]).toEqual([[], 3]);
    first.resolve();
    await endOfTurn();
    expect([target.ids, queue.size]).toEqual([[1, 2, 3], 0]);
    queue.add(target, undefined, Puback, 4, Success);
    expect(target.ids).toEqual([1, 2, 3, 4]);
  });

  it("acknowledges all that wait for one promise together, in order", async () => {
    const commit = deferred();
    for (let packetId = 1; packetId <= 100; packetId++) queue.add(target, commit.promise, Puback, packetId, Success);
    commit.resolve();
    await endOfTurn();
    expect(target.ids).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });

  it("rejects what could not be accepted, in its turn", async () => {
    const [good, bad] = [deferred(), deferred()];
    queue.add(target, good.promise, Puback, 1, Success);
    for (const [type, packetId] of [
      [Puback, 2],
      [Pubrec, 3],
      [Pubcomp, 4],
    ] as const)
      queue.add(target, bad.promise, type, packetId, Success);
    bad.reject(new Error("disk full"));
    await endOfTurn();
    expect(target.acks).toEqual([]);
    good.resolve();
    await endOfTurn();
    expect(target.acks).toEqual([
      [Puback, 1, Success],
      [Puback, 2, "disk full"],
      [Pubrec, 3, "disk full"],
      [Pubcomp, 4, "disk full"],
    ]);
  });

  it("does not reject with them what only waited for its turn", async () => {
    const bad = deferred();
    queue.add(target, bad.promise, Puback, 1, Success);
    queue.add(target, undefined, Puback, 2, NotAuthorized);
    queue.add(target, undefined, Pubrec, 3, Success);
    bad.reject(new Error("disk full"));
    await endOfTurn();
    expect(target.acks).toEqual([
      [Puback, 1, "disk full"],
      [Puback, 2, NotAuthorized],
      [Pubrec, 3, Success],
    ]);
  });

  it("rejects also what was rejected without a reason", async () => {
    queue.add(target, Promise.reject(undefined), Puback, 1, Success);
    await endOfTurn();
    expect(target.acks).toEqual([[Puback, 1, "not accepted"]]);
  });

  it("acknowledges nothing any more to a client that has gone, and tells what could not be accepted", async () => {
    const commit = deferred();
    const bad = deferred();
    queue.add(target, commit.promise, Puback, 1, Success);
    queue.add(target, bad.promise, Puback, 2, Success);
    target.isConnected = false;
    commit.resolve();
    bad.reject(new Error("disk full"));
    await endOfTurn();
    expect([target.acks, queue.size, queue.pubacks]).toEqual([[[Puback, 2, "disk full"]], 0, 0]);
  });

  it.each([1, 2, 3])("keeps the order of messages, whatever is safe first (seed %i)", async (seed) => {
    const random = seededRandom(seed);
    const commits = [deferred()];
    for (let packetId = 1; packetId <= 300; packetId++) {
      if (random() < 0.2) commits.push(deferred());
      const commit = commits[Math.floor(random() * commits.length)]!;
      queue.add(target, random() < 0.3 ? undefined : commit.promise, Puback, packetId, Success);
    }
    for (const commit of commits.sort(() => random() - 0.5)) {
      commit.resolve();
      if (random() < 0.3) await endOfTurn();
    }
    await endOfTurn();
    expect(target.ids).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
  });
});
