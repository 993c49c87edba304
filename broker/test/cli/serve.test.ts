import { EventEmitter, once } from "node:events";
import { describe, expect, it } from "vitest";
import type { RunningBroker } from "../../src/cli/running-broker.js";
import { serve } from "../../src/cli/serve.js";
import type { Config } from "../../src/config/config.js";
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
  reloadsWith: (load: () => Config) => Promise<unknown> = async (load) => load();

  start(): Promise<void> {
    this.calls.push("start");
    return this.startsWith;
  }

  reload(load: () => Config): Promise<unknown> {
    this.calls.push("reload");
    return this.reloadsWith(load);
  }

  stop(): Promise<void> {
    this.calls.push("stop");
    return this.stopsWith;
  }
}

function serving(broker = new StandIn(), load = () => configFrom({}, () => "")) {
  const log = new RecordingLog();
  const ready = new EventEmitter();
  const info = log.info;
  log.info = (fields, message) => {
    info(fields, message);
    ready.emit(message);
  };
  const code = serve(
    configFrom({}, () => ""),
    {
      makeBroker: () => broker,
      log,
      host: HOST,
      events: broker.events,
      load,
      hasChanged: () => false,
      onReady: () => broker.calls.push("ready"),
    },
  );
  return { broker, log, code, when: (message: string) => (log.messages.includes(message) ? Promise.resolve() : once(ready, message)) };
}

const never = new Promise<void>(() => {});

describe("serve()", () => {
  it.each(["SIGTERM", "SIGINT"])("runs until %s and then lets the broker stop in peace", async (signal) => {
    const { broker, log, code, when } = serving();
    await when("ready");
    expect(broker.calls).toEqual(["start", "ready"]);
    broker.events.emit(signal);
    expect(await code).toBe(0);
    expect(broker.calls).toEqual(["start", "ready", "stop"]);
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
    expect(broker.calls).toEqual(["start", "ready", "stop"]);
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
    expect(broker.calls).toEqual(["start", "ready"]);
    expect(log.lines.at(-1)).toMatchObject({ level: "fatal", fields: { err: new Error("a fault") } });
  });

  it("has the settings read again at SIGHUP, and goes on", async () => {
    let loaded = 0;
    const { broker, code, when } = serving(new StandIn(), () => configFrom({ port: ++loaded }, () => ""));
    await when("ready");
    broker.events.emit("SIGHUP");
    await new Promise((resolve) => setImmediate(resolve));
    broker.events.emit("SIGHUP");
    await new Promise((resolve) => setImmediate(resolve));
    expect(loaded).toBe(2);
    broker.events.emit("SIGTERM");
    expect(await code).toBe(0);
    expect(broker.calls).toEqual(["start", "ready", "reload", "reload", "stop"]);
  });

  it("reads once more after a reload during which SIGHUP came, however often it did", async () => {
    const broker = new StandIn();
    const finish: (() => void)[] = [];
    broker.reloadsWith = () => new Promise((_, reject) => finish.push(() => reject(new Error("a mistake"))));
    const { code, when } = serving(broker);
    await when("ready");
    for (let i = 0; i < 5; i++) broker.events.emit("SIGHUP");
    expect(broker.calls).toEqual(["start", "ready", "reload"]);
    finish[0]!();
    await new Promise((resolve) => setImmediate(resolve));
    expect(broker.calls).toEqual(["start", "ready", "reload", "reload"]);
    finish[1]!();
    await new Promise((resolve) => setImmediate(resolve));
    expect(broker.calls).toEqual(["start", "ready", "reload", "reload"]);
    broker.events.emit("SIGTERM");
    expect(await code).toBe(0);
  });

  it("answers a SIGHUP that came while it started once it has", async () => {
    const broker = new StandIn();
    let started = () => {};
    broker.startsWith = new Promise((resolve) => {
      started = resolve;
    });
    const { code, when } = serving(broker);
    broker.events.emit("SIGHUP");
    expect(broker.calls).toEqual(["start"]);
    started();
    await when("ready");
    await new Promise((resolve) => setImmediate(resolve));
    expect(broker.calls).toEqual(["start", "ready", "reload"]);
    broker.events.emit("SIGTERM");
    await code;
  });

  it("leaves nothing listening for signals", async () => {
    const { broker, code, when } = serving();
    await when("ready");
    broker.events.emit("SIGTERM");
    await code;
    expect(broker.events.eventNames()).toEqual([]);
  });
});
