import { describe, expect, it } from "vitest";
import { ConnectRate } from "../../src/limits/connect-rate.js";

describe("ConnectRate", () => {
  it("takes as many CONNECTs as it may and opens four times as many connections", () => {
    const rate = new ConnectRate();
    rate.configure(10, 2, 0);
    const counted = (ask: () => boolean) => Array.from({ length: 200 }, ask).filter(Boolean).length;
    expect(counted(() => rate.mayOpen(0))).toBe(80);
    expect(counted(() => rate.mayConnect(0))).toBe(20);
    expect(counted(() => rate.mayOpen(1_000))).toBe(40);
    expect(counted(() => rate.mayConnect(1_000))).toBe(10);
  });

  it("has no limit until it is given one", () => {
    const rate = new ConnectRate();
    expect(rate.isOff).toBe(true);
    expect([rate.mayOpen(0), rate.mayConnect(0)]).toEqual([true, true]);
  });
});
