import { beforeEach, describe, expect, it, vi } from "vitest";
import { AppliedWaits } from "../../../src/cluster/nats/applied-waits.js";
import { decodeRecord } from "../../../src/cluster/nats/route-records.js";
import { RouteWriter } from "../../../src/cluster/nats/route-writer.js";
import { oneOf, seededRandom } from "../../topics/support.js";
import { MemoryEngine } from "./memory-engine.js";

describe("what a broker writes to the route log", () => {
  let engine: MemoryEngine;
  let waits: AppliedWaits;
  let writer: RouteWriter;
  let lost: number;

  beforeEach(() => {
    engine = new MemoryEngine();
    waits = new AppliedWaits();
    waits.join("self", 1);
    lost = 0;
    writer = new RouteWriter({ engine, stream: "s", subject: "r.self", waits, onLost: () => lost++ });
    return () => writer.stop();
  });

  const records = () => engine.stored.map(({ bytes }) => decodeRecord(bytes)!);

  /** What a reader of the whole log has at its end. */
  function routesRead(): string[] {
    const read = new Set<string>();
    for (const record of records()) {
      if (record.type !== "routes" && record.type !== "snapshot") continue;
      for (const route of record.added) read.add(route);
      if (record.type === "routes") for (const route of record.removed) read.delete(route);
    }
    return [...read].sort();
  }

  it("says first that it is there, then what it has, all of a turn in one record", async () => {
    void writer.add("a");
    void writer.add("b");
    writer.remove("a");
    await writer.join();
    await vi.waitFor(() => expect(engine.stored).toHaveLength(2));
    expect(records()).toEqual([{ type: "joined" }, { type: "routes", added: ["b"], removed: ["a"] }]);
  });

  it("is told that a route is known when every member has applied the record, one promise for all of a turn", async () => {
    await writer.join();
    waits.join("peer", 1);
    const known = writer.add("a");
    expect(writer.add("b")).toBe(known);
    let isKnown = false;
    void known.then(() => {
      isKnown = true;
    });
    await vi.waitFor(() => expect(engine.stored).toHaveLength(2));
    waits.applied("self", 2);
    await new Promise(setImmediate);
    expect(isKnown).toBe(false);
    waits.applied("peer", 2);
    await known;
  });

  it("writes a record again whose fate is not known, and finds its own", async () => {
    await writer.join();
    engine.failures.push("lost", "stored");
    void writer.add("a");
    await vi.waitFor(() => expect(engine.stored).toHaveLength(2), { timeout: 5_000 });
    void writer.add("b");
    await vi.waitFor(() => expect(engine.stored).toHaveLength(3), { timeout: 5_000 });
    expect([records().slice(1), lost]).toEqual([
      [
        { type: "routes", added: ["a"], removed: [] },
        { type: "routes", added: ["b"], removed: [] },
      ],
      0,
    ]);
  });

  it("writes no more when others have removed what it wrote", async () => {
    await writer.join();
    await engine.purge("s", "r.self");
    void writer.add("a");
    await vi.waitFor(() => expect(lost).toBe(1));
    expect(engine.stored).toEqual([]);
  });

  it.each([1, 2, 3])("keeps the log short, and readable from its beginning at any time (seed %i)", async (seed) => {
    waits.leave("self"); // nobody lags
    const random = seededRandom(seed);
    const filters = Array.from({ length: 300 }, (_, i) => `filter/${i}`);
    const has = new Set<string>();
    await writer.join();
    for (let step = 0; step < 40_000; step++) {
      const filter = oneOf(filters, random);
      if (random() < 0.5) {
        void writer.add(filter);
        has.add(filter);
      } else {
        writer.remove(filter);
        has.delete(filter);
      }
      if (step % 50 === 0) await new Promise(setImmediate);
    }
    await vi.waitFor(() => expect(routesRead()).toEqual([...has].sort()));
    const entries = records().reduce(
      (sum, record) => sum + (record.type === "routes" ? record.added.length + record.removed.length : 0),
      0,
    );
    await vi.waitFor(() => expect(entries).toBeLessThan(2_500));
    expect(records().some(({ type }) => type === "snapshot")).toBe(true);
  });

  it("writes what follows routes as soon as those are written, however many more come meanwhile", async () => {
    await writer.join();
    void writer.add("before");
    let isWritten = false;
    void writer.afterRoutes({ type: "switch", token: "t", from: "peer", clientIds: ["c"] }).then(() => {
      isWritten = true;
    });
    for (let turn = 0; turn < 100 && !isWritten; turn++) {
      void writer.add(`${turn}`);
      await new Promise(setImmediate);
    }
    const types = records().map((record) => (record.type === "routes" && record.added.includes("before") ? "before" : record.type));
    expect(types.indexOf("switch")).toBe(types.indexOf("before") + 1);
  });

  it("says again what it has taken over when it writes the log anew, for whoever joins later", async () => {
    waits.leave("self"); // nobody lags
    await writer.join();
    await writer.afterRoutes({ type: "adopted", broker: "dead", marks: new Map([["peer", 3]]) });
    for (let step = 0; step < 40_000; step++) {
      void writer.add(`${step % 300}`);
      writer.remove(`${(step + 150) % 300}`);
      if (step % 50 === 0) await new Promise(setImmediate);
    }
    await vi.waitFor(() => expect(records()[0]!.type).toBe("snapshot"));
    const adopted = records().filter(({ type }) => type === "adopted");
    expect(adopted).toEqual([{ type: "adopted", broker: "dead", marks: new Map() }]);
  });

  it("cuts a large set into records that NATS takes, and writes all of them anew in pieces", async () => {
    waits.leave("self"); // nobody lags
    const routes = Array.from({ length: 200 }, (_, i) => `${i}/${"x".repeat(3_000)}`);
    for (const route of routes) void writer.add(route);
    await writer.join();
    await vi.waitFor(() => expect(routesRead()).toHaveLength(200));
    for (const { bytes } of engine.stored) expect(bytes.length).toBeLessThan(512 * 1024);
    expect(engine.stored.length).toBeGreaterThan(4);
    for (let round = 0; round < 3; round++) {
      for (const route of routes.slice(1)) writer.remove(route);
      await vi.waitFor(() => expect(routesRead()).toHaveLength(1), { interval: 1 });
      for (const route of routes) void writer.add(route);
      await vi.waitFor(() => expect(routesRead()).toHaveLength(200), { interval: 1 });
    }
    await vi.waitFor(() => expect(records()[0]!.type).toBe("snapshot"));
    expect(routesRead()).toEqual([...routes].sort());
  });
});
