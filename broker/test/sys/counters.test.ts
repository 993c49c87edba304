import { describe, expect, it } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { Counters, DropCause, total } from "../../src/sys/counters.js";

describe("Counters", () => {
  it("has a place for every packet type, reason code and cause", () => {
    const counters = new Counters();
    counters.packetsReceived[PacketType.Auth]!++;
    counters.connectsRefused[0x9f]!++;
    counters.disconnects[0xff]!++;
    for (const cause of Object.values(DropCause)) counters.publishDropped[cause]!++;
    expect([total(counters.packetsReceived), total(counters.connectsRefused), total(counters.disconnects)]).toEqual([1, 1, 1]);
    expect([...counters.publishDropped]).toEqual(Object.values(DropCause).map(() => 1));
  });

  it("remembers how many clients there were at most", () => {
    const counters = new Counters();
    for (let i = 0; i < 3; i++) counters.clientJoined();
    for (let i = 0; i < 2; i++) counters.clientLeft();
    counters.clientJoined();
    expect([counters.clientsConnected, counters.clientsMaximum]).toEqual([2, 3]);
  });

  it("tells open connections from those that have gone", () => {
    const counters = new Counters();
    counters.connectionsAccepted += 5;
    counters.connectionsClosed += 2;
    expect(counters.connectionsOpen).toBe(3);
  });
});
