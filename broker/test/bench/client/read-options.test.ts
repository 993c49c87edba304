import { describe, expect, it } from "vitest";
import type { BenchCommand } from "../../../src/bench/options.js";
import { sizeOf, within } from "../../../src/bench/options.js";
import { GivenFlags, readOptions } from "../../../src/bench/read-options.js";

const FILES: Readonly<Record<string, string>> = {
  "spec.json": JSON.stringify({
    topics: [
      { name: "a/%i", interval_ms: "100", inject_timestamp: true, QoS: 1, payload: { foo: 1, timestamp: "0" } },
      { name: "b", interval_ms: 5, render: "VIN", payload: { VIN: "VIN-%i" } },
    ],
  }),
  "text.tpl": "at %TIMESTAMP% and %TIMESTAMPMS%",
};

function read(command: BenchCommand, given: Readonly<Record<string, string | readonly string[]>>) {
  const flags = new Map(Object.entries(given).map(([name, value]) => [name, typeof value === "string" ? [value] : value]));
  const all = new GivenFlags(command, flags);
  all.notes();
  return readOptions(command, all, (path) => {
    const text = FILES[path];
    if (text === undefined) throw new Error("ENOENT");
    return text;
  });
}

describe("what mqttd bench makes of its flags", () => {
  it("is emqtt-bench's default where nothing is given", () => {
    expect(read("conn", {})).toMatchObject({
      ...{ hosts: ["localhost"], port: 1883, version: 5, clients: 200, connectIntervalMs: 10, keepAliveSeconds: 300, isCleanStart: true },
    });
    expect(read("pub", { topic: "t" }).publish).toMatchObject({
      inflight: 1,
      limit: Number.POSITIVE_INFINITY,
      topics: [{ intervalMs: 1_000 }],
    });
  });

  it("lets the rate of connections win over their interval", () => {
    expect(read("conn", { connrate: "500", interval: "10" }).connectIntervalMs).toBe(2);
  });

  it("takes several topics of a subscriber, and one of a publisher", () => {
    expect(read("sub", { topic: ["a", "b"] }).filters).toEqual(["a", "b"]);
    expect(() => read("pub", { topic: ["a", "b"] })).toThrow("--topics-payload takes several");
  });

  it("has publishers of several topics, each with an interval and payload of its own", () => {
    const [first, second] = read("pub", { "topics-payload": "spec.json" }).publish!.topics;
    expect(first).toMatchObject({ topic: "a/%i", intervalMs: 100, qos: 1 });
    expect(JSON.parse(Buffer.from(first!.payload.next(7, 1_234)).toString())).toEqual({ foo: 1, timestamp: "1234" });
    expect(Buffer.from(second!.payload.next(7, 0)).toString()).toBe('{"VIN":"VIN-7"}');
  });

  it("makes the payload of the letter a, a message or a template", () => {
    const payload = (flags: Record<string, string>) =>
      Buffer.from(read("pub", { topic: "t", ...flags }).publish!.topics[0]!.payload.next(1, 5_678)).toString();
    expect(payload({ size: "3" })).toBe("aaa");
    expect(payload({ message: "hello" })).toBe("hello");
    expect(payload({ message: "template://text.tpl" })).toBe("at 5 and 5678");
  });

  it.each([
    [{ count: "0" }, "'--count' takes a whole number from 1 to 100,000,000, got \"0\""],
    [{ count: "-1" }, 'got "-1"'],
    [{ count: "1000000000000" }, 'got "1000000000000"'],
    [{ version: "6" }, "'--version' takes a whole number from 3 to 5"],
    [{ ssl: "yes" }, "'--ssl' takes true or false"],
    [{ ssl: "true", "ssl-version": "tlsv1" }, "'--ssl-version' takes tlsv1.2 or tlsv1.3"],
    [{ ssl: "true", cacertfile: "none.pem" }, "'--cacertfile' names a file that cannot be read: ENOENT"],
    [{ ifaddr: "eth0" }, "'--ifaddr' takes addresses of this machine"],
    [{ host: "a,,b" }, "'--host' must not be empty"],
    [{ share: "4/4" }, "'--share' takes a number from 0"],
    [{ quic: "true" }, "'--quic' is not possible: neither Node nor Bun speaks it"],
    [{ restapi: "here" }, "'--restapi' takes a port"],
    [{ log_to: "file" }, "'--log_to' takes console or null"],
    [{ qoe: "dump" }, "the file of --qoelog is CSV already"],
  ])("refuses %j and says what will do", (flags, problem) => {
    expect(() => read("conn", flags as Record<string, string>)).toThrow(problem);
  });

  it("needs a topic to publish or subscribe", () => {
    expect(() => read("pub", {})).toThrow("'--topic' is required");
    expect(() => read("sub", { topic: "t", "payload-hdrs": "cnt32" })).toThrow("'--payload-hdrs' takes cnt64, ts or both");
  });

  it.each(["dist", "load-qst", "signature-algs", "keyex-algs", "force-major-gc-interval"])(
    "says that --%s changes nothing, and goes on",
    (long) => {
      const given = new GivenFlags("conn", new Map([[long, [long === "dist" ? "true" : "1"]]]));
      expect(given.notes()).toEqual([expect.stringContaining(`'--${long}' changes nothing: `)]);
    },
  );
});

describe("shares of a load", () => {
  it("are together the whole, however deep", () => {
    const outer = [0, 1, 2].map((index) => ({ index, of: 3 }));
    const all = outer.flatMap((share) => [0, 1].map((index) => within(share, { index, of: 2 })));
    expect(all.map((share) => sizeOf(share, 20)).reduce((sum, size) => sum + size)).toBe(20);
    expect(new Set(all.map(({ index }) => index)).size).toBe(6);
  });
});
