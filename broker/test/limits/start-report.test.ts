import { describe, expect, it } from "vitest";
import { configFrom } from "../../src/config/load-config.js";
import { connectionBounds } from "../../src/limits/connection-bounds.js";
import type { HostLimits } from "../../src/limits/host-limits.js";
import { logLimits } from "../../src/limits/start-report.js";
import { RecordingLog } from "../log/recording-log.js";

const GIB = 1_024 ** 3;
const HOST: HostLimits = {
  runtime: { name: "bun", version: "1.4.5", heapBytes: undefined },
  openFiles: { soft: 1_048_576, hard: 1_048_576 },
  somaxconn: 4_096,
  memory: { bytes: 8 * GIB, from: "machine" },
};
const NODE = { name: "node", version: "24.0.0", heapBytes: 2 * GIB } as const;

const noFiles = () => "";
const config = (settings: object = {}) => configFrom(settings, noFiles);

function logged(host: HostLimits, settings: object = {}) {
  const log = new RecordingLog();
  logLimits(host, config(settings), log);
  return log.lines;
}

describe("connectionBounds()", () => {
  it("leaves some open files for what is no connection", () => {
    const { bounds } = connectionBounds({ ...HOST, openFiles: { soft: 20_000, hard: 20_000 } }, config());
    expect(bounds[0]).toMatchObject({ by: "open files", connections: 20_000 - 64 - 2 });
  });

  it("divides memory by what one idle connection takes in the process and in the kernel", () => {
    const onBun = connectionBounds(HOST, config());
    expect(onBun.perConnection).toEqual({ processBytes: 2_048, totalBytes: 7_168 });
    expect(onBun.bounds.find(({ by }) => by === "memory")?.connections).toBe(Math.floor((8 * GIB - 160 * 1_048_576) / 7_168));
    const onNode = connectionBounds({ ...HOST, runtime: NODE }, config());
    expect(onNode.perConnection.totalBytes).toBe(9_728);
  });

  it("has a bound of V8's heap on Node alone", () => {
    const heap = (runtime: HostLimits["runtime"]) =>
      connectionBounds({ ...HOST, runtime }, config()).bounds.find(({ by }) => by === "heap");
    expect(heap(NODE)?.connections).toBe(Math.floor((2 * GIB * 0.75) / 4_608));
    expect(heap(HOST.runtime)).toBeUndefined();
  });

  it("takes the lesser of maxConnections and the sum over the listeners", () => {
    const bound = (settings: object) => connectionBounds(HOST, config(settings)).bounds.find(({ by }) => by === "maxConnections");
    expect(bound({})).toBeUndefined();
    expect(bound({ maxConnections: 5 })?.connections).toBe(5);
    expect(
      bound({
        maxConnections: 50,
        listeners: [
          { port: 1, maxConnections: 10 },
          { port: 2, maxConnections: 20 },
        ],
      })?.connections,
    ).toBe(30);
    expect(bound({ maxConnections: 50, listeners: [{ port: 1, maxConnections: 10 }, { port: 2 }] })?.connections).toBe(50);
  });

  it("puts the tightest first and never goes below none", () => {
    const { bounds } = connectionBounds({ ...HOST, memory: { bytes: 1, from: "container" } }, config());
    expect(bounds.map(({ by, connections }) => [by, connections])).toEqual([
      ["memory", 0],
      ["open files", 1_048_510],
    ]);
  });
});

describe("logLimits()", () => {
  it("says in one line what bounds the broker and how many connections that allows", () => {
    const [line, ...more] = logged({ ...HOST, runtime: NODE });
    expect(more).toEqual([]);
    expect(line).toEqual({
      level: "info",
      message: "limits of this broker",
      fields: {
        runtime: "node 24.0.0",
        openFiles: 1_048_576,
        somaxconn: 4_096,
        memoryBytes: 8 * GIB,
        memoryOf: "machine",
        heapBytes: 2 * GIB,
        bytesPerConnection: 9_728,
        allows: { heap: 349_525, memory: 865_765, "open files": 1_048_510 },
        connections: 349_525,
        boundBy: "heap",
      },
    });
  });

  it("warns with the remedy where fewer than 10,000 connections, or than maxConnections, fit", () => {
    const few = { ...HOST, openFiles: { soft: 1_024, hard: 1_024 } };
    const [, warning, ...more] = logged(few);
    expect(more).toEqual([]);
    expect(warning).toMatchObject({ level: "warn", fields: { boundBy: "open files", connections: 958, wanted: 10_000 } });
    expect(warning?.fields.remedy).toContain("LimitNOFILE=");
    expect(logged(few, { maxConnections: 900 })).toHaveLength(1);
    expect(logged(HOST, { maxConnections: 2_000_000 }).map(({ fields }) => fields.boundBy)).toEqual(["open files", "open files", "memory"]);
  });

  it("warns of each listener whose backlog the kernel shortens", () => {
    const [, warning, ...more] = logged({ ...HOST, somaxconn: 128 }, { wsPort: "off" });
    expect(more).toEqual([]);
    expect(warning?.fields).toMatchObject({ listener: "tcp:default", backlog: 4_096, somaxconn: 128 });
    expect(warning?.fields.remedy).toContain("raise net.core.somaxconn");
  });

  it("writes no number that JSON does not have", () => {
    const unlimited = { soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY };
    const [line] = logged({ ...HOST, openFiles: unlimited, memory: undefined });
    expect(line?.fields).toMatchObject({ openFiles: "unlimited", connections: "unlimited" });
  });
});
