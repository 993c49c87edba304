import { describe, expect, it } from "vitest";
import { BENCH_FLAGS, flagsOf } from "../../../src/bench/flags.js";

/** emqtt-bench 0.6: short, long, default, commands, and whether it does here what it does there. */
const THEIRS: readonly (readonly [
  short: string | undefined,
  long: string,
  byDefault: string | undefined,
  commands: string,
  how?: string,
])[] = [
  ["d", "dist", "false", "conn pub sub", "noted"],
  ["h", "host", "localhost", "conn pub sub"],
  ["p", "port", "1883", "conn pub sub"],
  ["V", "version", "5", "conn pub sub"],
  ["c", "count", "200", "conn pub sub"],
  ["R", "connrate", "0", "conn pub sub"],
  ["i", "interval", "10", "conn pub sub"],
  [undefined, "ifaddr", undefined, "conn pub sub"],
  [undefined, "prefix", undefined, "conn pub sub"],
  [undefined, "shortids", "false", "conn pub sub"],
  ["n", "startnumber", "0", "conn pub sub"],
  [undefined, "num-retry-connect", "0", "conn pub sub"],
  [undefined, "reconnect", "0", "conn pub sub"],
  ["S", "ssl", "false", "conn pub sub"],
  [undefined, "ssl-version", undefined, "conn pub sub"],
  [undefined, "cacertfile", undefined, "conn pub sub"],
  [undefined, "certfile", undefined, "conn pub sub"],
  [undefined, "keyfile", undefined, "conn pub sub"],
  [undefined, "ciphers", undefined, "conn pub sub"],
  [undefined, "signature-algs", undefined, "conn pub sub", "noted"],
  [undefined, "keyex-algs", undefined, "conn pub sub", "noted"],
  [undefined, "quic", undefined, "conn pub sub", "refused"],
  [undefined, "ws", "false", "conn pub sub"],
  [undefined, "load-qst", undefined, "conn pub sub", "noted"],
  ["u", "username", undefined, "conn pub sub"],
  ["P", "password", undefined, "conn pub sub"],
  ["k", "keepalive", "300", "conn pub sub"],
  ["C", "clean", "true", "conn pub sub"],
  ["x", "session-expiry", "0", "conn pub sub"],
  ["l", "lowmem", "false", "conn pub sub"],
  [undefined, "force-major-gc-interval", "0", "conn pub sub", "noted"],
  ["Q", "qoe", "false", "conn pub sub"],
  [undefined, "qoelog", undefined, "conn pub sub"],
  [undefined, "prometheus", "false", "conn pub sub"],
  [undefined, "restapi", undefined, "conn pub sub"],
  [undefined, "log_to", "console", "conn pub sub"],
  ["t", "topic", undefined, "pub sub"],
  ["q", "qos", "0", "pub sub"],
  [undefined, "payload-hdrs", undefined, "pub sub"],
  ["I", "interval_of_msg", "1000", "pub"],
  ["s", "size", "256", "pub"],
  ["m", "message", undefined, "pub"],
  [undefined, "topics-payload", undefined, "pub"],
  ["r", "retain", "false", "pub"],
  ["L", "limit", "0", "pub"],
  ["F", "inflight", "1", "pub"],
  ["w", "wait-before-publishing", "false", "pub"],
  [undefined, "min-random-wait", "0", "pub"],
  [undefined, "max-random-wait", "0", "pub"],
  [undefined, "retry-interval", "0", "pub", "noted"],
  [undefined, "keep-connected", "false", "pub"],
];

describe("the flags of mqttd bench", () => {
  it.each(THEIRS)("are emqtt-bench's: -%s --%s, default %s, of %s", (short, long, byDefault, commands, how) => {
    const flag = BENCH_FLAGS.find((each) => each.long === long);
    expect(flag).toMatchObject({ of: commands?.split(" ") });
    expect([flag?.short, flag?.byDefault, flag?.otherwise?.how, flag?.isOwn]).toEqual([short, byDefault, how, undefined]);
  });

  it("are no others, but those that say that they are ours", () => {
    const others = BENCH_FLAGS.filter(({ long }) => !THEIRS.some(([, known]) => known === long));
    expect(others.map(({ long, isOwn }) => [long, isOwn])).toEqual([
      ["processes", true],
      ["share", true],
      ["most-connecting", true],
      ["duration", true],
      ["pushgateway", true],
      ["json", true],
    ]);
  });

  it("have a letter once in each command", () => {
    for (const command of ["conn", "pub", "sub"] as const) {
      const letters = flagsOf(command).flatMap(({ short }) => short ?? []);
      expect(new Set(letters).size).toBe(letters.length);
    }
  });
});
