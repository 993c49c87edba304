import { describe, expect, it } from "vitest";
import { Moment } from "../../../src/cluster/nats/moment.js";

describe("a moment", () => {
  it("resolves for who waits when it comes, and for who comes to wait later", async () => {
    const moment = new Moment();
    const told: string[] = [];
    const waiting = [moment.wait().then(() => told.push("first")), moment.wait().then(() => told.push("second"))];
    await Promise.resolve();
    expect([moment.hasCome, told]).toEqual([false, []]);
    moment.come();
    await Promise.all(waiting);
    moment.come();
    await moment.wait();
    expect([moment.hasCome, told]).toEqual([true, ["first", "second"]]);
  });

  it("resolves at once for who waits only after it has come", async () => {
    const moment = new Moment();
    moment.come();
    await moment.wait();
  });
});
