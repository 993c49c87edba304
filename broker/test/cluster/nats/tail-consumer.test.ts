import { describe, expect, it } from "vitest";
import { deliverySequences } from "../../../src/cluster/nats/tail-consumer.js";

describe("deliverySequences()", () => {
  it.each([
    ["$JS.ACK.log.c1.1.17.3.1700000000000000000.0", { sequence: 17, delivery: 3 }],
    ["$JS.ACK.hub.ACCHASH.log.c1.1.17.3.1700000000000000000.0.token", { sequence: 17, delivery: 3 }],
    ["$JS.ACK._.ACCHASH.log.c1.1.17.3.1700000000000000000.0", { sequence: 17, delivery: 3 }],
  ])("reads %s", (reply, expected) => {
    expect(deliverySequences(reply)).toEqual(expected);
  });
});
