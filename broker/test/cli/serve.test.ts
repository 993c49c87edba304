import { EventEmitter, once } from "node:events";
import { describe, expect, it } from "vitest";
import type { RunningBroker } from "../../src/cli/running-broker.js";
import { serve } from "../../src/cli/serve.js";
import { configFrom } from "../../src/config/load-config.js";
import { RecordingLog } from "../log/recording-log.js";

const HOST = {
  runtime: { name: "bun", version: "1.4.5", heapBytes: undefined },
  openFiles: undefined,
  somaxconn: undefined,
  memory: undefined,
} as const;

/** A broker that starts and stops when the test says so. */
class StandIn implements RunningBroker {
  readonly events = new EventEmitter();
  readonly calls: string[] = [];
  readonly listeners = [{ name: "tcp:default", transport: "tcp", address: { host: "127.0.0.1", port: 1883 } }];
  startsWith: Promise<void> = Promise.resolve();
  stopsWith: Promise<void> = Promise.resolve();

  start(): Promise<void> {
    this.calls.push("start");
    return this.startsWith;
  }

  stop(): Promise<void> {
    this.calls.push("stop");
    return this.stopsWith;
  }
}

function serving(broker = new StandIn()) {
  const log = new RecordingLog();
  const ready = new EventEmitter();
  const info = log.info;
  log.info = (fields, message) => {
    info(fields, message);
    ready.emit(message);
  };
  const code = serve(
    configFrom({}, () => ""),
    { makeBroker: () => broker, log, host: HOST, events: broker.events },
  );
  return { broker, log, code, when: (message: string) => (log.messages.includes(message) ? Promise.resolve() : once(ready, message)) };
}

const never = new Promise<void>(() => {});

describe("serve()", () => {
  it.each(["SIGTERM", "SIGINT"])("runs until %s and then lets the broker stop in peace", async (signal) => {
    const { broker, log, code, when } = serving();
    await when("ready");
    expect(broker.calls).toEqual(["start"]);
    broker.events.emit(signal);
    expect(await code).toBe(0);
    expect(broker.calls).toEqual(["start", "stop"]);
    expect(log.messages).toEqual(["starting", "limits of this broker", "listening", "ready", "stopping", "stopped"]);
    expect(log.lines[2]?.fields).toEqual({ listener: "tcp:default", transport: "tcp", host: "127.0.0.1", port: 1883 });
  });

  it("ends at once at a second signal, whichever it is", async () => {
    const broker = new StandIn();
    broker.stopsWith = never;
    const { code, when, log } = serving(broker);
    await when("ready");
    broker.events.emit("SIGTERM");
    await when("stopping");
    broker.events.emit("SIGINT");
    expect(await code).toBe(1);
    expect(log.messages.at(-1)).toBe("asked again, ending at once");
  });

  it("stops after a start that a signal overtook", async () => {
    const broker = new StandIn();
    let started = () => {};
    broker.startsWith = new Promise((resolve) => {
      started = resolve;
    });
    const { code } = serving(broker);
    broker.events.emit("SIGTERM");
    started();
    expect(await code).toBe(0);
    expect(broker.calls).toEqual(["start", "stop"]);
  });

  it("fails with the reason when the broker cannot start", async () => {
    const broker = new StandIn();
    broker.startsWith = Promise.reject(new Error("127.0.0.1:1883 is taken"));
    const { code, log } = serving(broker);
    expect(await code).toBe(1);
    expect(log.lines.at(-1)).toMatchObject({ level: "fatal", fields: { err: new Error("127.0.0.1:1883 is taken") } });
  });

  it("fails when the broker cannot stop", async () => {
    const broker = new StandIn();
    broker.stopsWith = Promise.reject(new Error("stuck"));
    const { code, when } = serving(broker);
    await when("ready");
    broker.events.emit("SIGTERM");
    expect(await code).toBe(1);
  });

  it.each(["uncaughtException", "unhandledRejection"])("logs an error of %s and ends at once with 1", async (event) => {
    const { broker, code, log, when } = serving();
    await when("ready");
    broker.events.emit(event, new Error("a fault"));
    expect(await code).toBe(1);
    expect(broker.calls).toEqual(["start"]);
    expect(log.lines.at(-1)).toMatchObject({ level: "fatal", fields: { err: new Error("a fault") } });
  });

  it("leaves nothing listening for signals", async () => {
    const { broker, code, when } = serving();
    await when("ready");
    broker.events.emit("SIGTERM");
    await code;
    expect(broker.events.eventNames()).toEqual([]);
  });
});
