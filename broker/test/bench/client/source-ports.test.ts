import { describe, expect, it } from "vitest";
import { PORTS_PER_ADDRESS, SourcePorts } from "../../../src/bench/source-ports.js";

describe("source ports", () => {
  it("are each one once, and those that other programs connect from come last", () => {
    const sources = new SourcePorts(["127.0.0.2"], 1_000_003);
    const ports = Array.from({ length: PORTS_PER_ADDRESS }, (_, index) => sources.of(index, 0)!.port!);
    expect(new Set(ports).size).toBe(PORTS_PER_ADDRESS);
    const isOthers = (port: number) => port >= 32_768 && port <= 60_999;
    expect(ports.slice(0, 36_280).some(isOthers)).toBe(false);
    expect(ports.slice(36_280).every(isOthers)).toBe(true);
  });

  it("are another one where the first was taken, and the kernel's in the end", () => {
    const sources = new SourcePorts(["127.0.0.2"], 0, () => 0.999_999);
    expect(sources.of(0, 0)!.port).toBe(1_024);
    expect(sources.of(0, 1)!.port).toBe(65_535);
    expect(sources.of(0, 30)!.port).toBeUndefined();
  });

  it("are of the addresses in turn", () => {
    const sources = new SourcePorts(["127.0.0.2", "127.0.0.3"], 0);
    expect([0, 1, 2].map((index) => sources.of(index, 0))).toEqual([
      { address: "127.0.0.2", port: 1_024 },
      { address: "127.0.0.3", port: 1_024 },
      { address: "127.0.0.2", port: 1_025 },
    ]);
  });
});
