import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { childrenOf } from "../../../bench/million/machine.js";
import { MqttdProcess } from "../../cli/mqttd-process.js";
import { startBroker } from "../../support/start-broker.js";

const BROKER = resolve(import.meta.dirname, "../../..");

let folder: string;
let bundle: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mqttd-bench-"));
  bundle = join(folder, "mqttd.mjs");
  execFileSync("node", [join(BROKER, "build.mjs"), bundle], { stdio: "pipe" });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `mqttd bench` in two processes, and the one that they report to. */
function start(port: number, ...args: readonly string[]): MqttdProcess {
  const [command, ...flags] = args;
  const common = ["-h", "127.0.0.1", "-p", String(port), "-i", "1", "--processes", "2"];
  return new MqttdProcess([process.execPath, bundle], ["bench", command!, ...common, ...flags]);
}

/** The next second in which a counter is that. */
async function second(bench: MqttdProcess, counter: string, value: number): Promise<void> {
  while ((await bench.log.next())[counter] !== value);
}

/** One that has ended is there until somebody asks how. */
function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

function summaryOf(out: string): Record<string, unknown> {
  return (JSON.parse(out.trimEnd().split("\n").at(-1)!) as { summary: Record<string, unknown> }).summary;
}

describe("mqttd bench in two processes", () => {
  it("publishes what one would, and has one summary", async () => {
    const { port } = await startBroker();
    const sub = start(port, "sub", "-c", "3", "-t", "t/%i", "-q", "1", "--payload-hdrs", "cnt64", "--json");
    await second(sub, "sub", 3);
    const pub = start(port, "pub", "-c", "3", "-t", "t/%i", "-q", "1", "-L", "30", "-I", "5", "-w", "--payload-hdrs", "cnt64");
    const { code, out, err } = await pub.ended();
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^Start with 2 workers, addrs pool size: 1 and req interval: 2 ms\n/);
    expect(out.match(/publish complete/g)).toEqual(["publish complete"]);
    expect(out.match(/^pub: 3 of 3 clients connected, 0 connections failed, 0 lost/gm)).toHaveLength(1);
    expect(out).toMatch(/^published 30 \(.*\), acknowledged 30, /m);
    await second(sub, "recv", 30);
    sub.signal("SIGTERM");
    const ended = await sub.ended();
    expect(ended.code).toBe(0);
    expect(summaryOf(ended.out)).toMatchObject({
      processes: 2,
      counts: { sub: 3, recv: 30, lost: 0, duplicated: 0, connect_succ: 3, disconnected: 0 },
    });
  });

  it.each(["SIGINT", "SIGTERM"] as const)("ends all of them by %s", async (signal) => {
    const { port } = await startBroker();
    const conn = start(port, "conn", "-c", "5", "--json");
    await second(conn, "connected", 5);
    const children = childrenOf(conn.pid);
    expect(children).toHaveLength(2);
    conn.signal(signal);
    const { code, out, err } = await conn.ended();
    expect([code, err]).toEqual([0, ""]);
    expect(summaryOf(out)).toMatchObject({ connected: 5, counts: { connect_succ: 5, disconnected: 0 } });
    expect(children.filter(isRunning)).toEqual([]);
  });

  it("goes on when one is killed, says so, counts its clients as lost and ends with 1", async () => {
    const { port } = await startBroker();
    const conn = start(port, "conn", "-c", "5", "--json");
    await second(conn, "connected", 5);
    process.kill(childrenOf(conn.pid)[0]!, "SIGKILL");
    await second(conn, "connected", 2);
    conn.signal("SIGINT");
    const { code, out, err } = await conn.ended();
    expect(err).toBe("process 1 of 2 ended by SIGKILL, and its 3 clients with it\n");
    expect(summaryOf(out)).toMatchObject({ connected: 2, counts: { connect_succ: 5, disconnected: 3 } });
    expect(code).toBe(1);
  });

  it("does not say that all is published when one that was to publish is killed", async () => {
    const { port } = await startBroker();
    const pub = start(port, "pub", "-c", "2", "-t", "t", "-L", "1000000", "-I", "1000", "--json");
    await second(pub, "connected", 2);
    for (const child of childrenOf(pub.pid)) process.kill(child, "SIGKILL");
    const { code, out } = await pub.ended();
    expect(out).not.toContain("publish complete");
    expect(code).toBe(1);
  });

  it("leaves none behind when the first is killed", async () => {
    const { port } = await startBroker();
    const conn = start(port, "conn", "-c", "4", "--json");
    await second(conn, "connected", 4);
    const children = childrenOf(conn.pid);
    conn.signal("SIGKILL");
    // They have standard error in common: it closes when the last has ended.
    await conn.ended();
    expect(children.filter(isRunning)).toEqual([]);
  });
});
