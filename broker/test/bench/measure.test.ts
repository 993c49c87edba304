import { afterAll, describe, expect, it } from "vitest";
import type { Contender } from "../../bench/contender.js";
import { findContenders, findRuntimes } from "../../bench/contenders.js";
import type { Load } from "../../bench/generator/job.js";
import { type Conditions, measure, notApplicable } from "../../bench/measure.js";
import type { Row } from "../../bench/rows.js";

/** Ends what a failing test would leave running. */
const end = new AbortController();
afterAll(() => end.abort());

const NULL_BROKER = findContenders(findRuntimes(), undefined).contenders.find(({ name }) => name === "null")!;
const CONDITIONS: Conditions = {
  generatorRuntime: process.execPath,
  version: 4,
  warmUpMs: 20,
  windowMs: 100,
  certificate: undefined,
  cores: undefined,
  signal: end.signal,
};

describe("measure() against a broker that only carries bytes", () => {
  it.each<[string, Load]>([
    ["QoS 0", { kind: "pairs", qos: 0, pairs: 3, window: 5 }],
    ["QoS 1", { kind: "pairs", qos: 1, pairs: 3, window: 5 }],
    ["QoS 2", { kind: "pairs", qos: 2, pairs: 3, window: 5 }],
    ["a fan-out", { kind: "fan-out", subscribers: 5, window: 2 }],
    ["a fixed rate", { kind: "paced", pairs: 3, messagesPerSecond: 500 }],
    ["connections", { kind: "accept", per: "second", connections: 50, concurrency: 5 }],
    ["idle connections", { kind: "idle", connections: 50, steps: 2, settleMs: 10 }],
  ])("gets every message of %s through and has a value", async (_name, load) => {
    const outcome = await measure(aRow({ load }), NULL_BROKER, CONDITIONS);
    expect(outcome).not.toHaveProperty("failure");
    expect(outcome).toHaveProperty("value", expect.any(Number));
  });

  it("speaks MQTT 5 too", async () => {
    const outcome = await measure(aRow({ load: { kind: "pairs", qos: 2, pairs: 2, window: 5 } }), NULL_BROKER, {
      ...CONDITIONS,
      version: 5,
    });
    expect(outcome).not.toHaveProperty("failure");
  });
});

describe("measure()", () => {
  const row = aRow({ load: { kind: "pairs", qos: 0, pairs: 1, window: 1 } });

  it("says why a broker did not start", async () => {
    const broken = contender("console.error('no such setting'); process.exit(3)");
    expect(await measure(row, broken, CONDITIONS)).toEqual({ failure: "did not start: no such setting" });
  });

  it("says that a broker died, with its first words", async () => {
    const fragile = contender(`
      require("node:net").createServer((socket) => socket.on("data", () => { console.error("too much"); process.exit(1); }))
        .listen(Number(process.argv.at(-1)), "127.0.0.1");
    `);
    expect(await measure(row, fragile, CONDITIONS)).toEqual({ failure: "died: too much" });
  });

  it("says that a broker closed a connection", async () => {
    const rude = contender(`
      require("node:net").createServer((socket) => socket.on("data", () => socket.destroy()))
        .listen(Number(process.argv.at(-1)), "127.0.0.1");
    `);
    expect(await measure(row, rude, CONDITIONS)).toEqual({ failure: "died: closed by the peer" });
  });
});

describe("notApplicable()", () => {
  it.each([
    ["no MQTT 5", aRow({}), { speaksMqtt5: false }, { version: 5 as const }],
    ["no TLS", aRow({ tls: true }), { speaksTls: false }, {}],
    ["stores nothing", aRow({ isDurable: true }), { stores: false }, {}],
    ["guards nothing", aRow({ isGuarded: true }), { guards: false }, {}],
    ["no openssl", aRow({ tls: true }), {}, {}],
  ])("says %s", (reason, row, traits, conditions) => {
    expect(notApplicable(row, { ...NULL_BROKER, speaksTls: true, ...traits }, { ...CONDITIONS, ...conditions })).toBe(reason);
  });

  it("has nothing against what fits", () => {
    expect(notApplicable(aRow({}), NULL_BROKER, CONDITIONS)).toBeUndefined();
  });
});

function aRow(parts: Partial<Row>): Row {
  const load: Load = { kind: "pairs", qos: 0, pairs: 1, window: 1 };
  return { name: "a", title: "a", unit: "msg/s", better: "higher", byDefault: true, repeats: true, budgets: [], load, ...parts };
}

/** A program in JavaScript in the place of a broker; the port is its last argument. */
function contender(script: string): Contender {
  return {
    ...NULL_BROKER,
    command: ({ port }) => ({ file: process.execPath, args: ["-e", script, String(port)] }),
  };
}
