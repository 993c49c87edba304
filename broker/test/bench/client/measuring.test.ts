import { describe, expect, it } from "vitest";
import { ClientHealth } from "../../../src/bench/client-health.js";
import { scanFrames } from "../../../src/bench/frames.js";
import { Histogram } from "../../../src/bench/histogram.js";
import { CounterLines, startLine, upTime } from "../../../src/bench/lines.js";
import { metricsText } from "../../../src/bench/metrics-server.js";
import { Batch, readNumber } from "../../../src/bench/publish-frames.js";
import { Rota } from "../../../src/bench/rota.js";
import { SequenceTrack } from "../../../src/bench/sequence-track.js";
import { pack, type Snapshot, sumOf, Tallies } from "../../../src/bench/tallies.js";
import { Template } from "../../../src/bench/template.js";
import { UnderWay } from "../../../src/bench/under-way.js";
import { encode } from "../../../src/codec/codec.js";
import { PacketType } from "../../../src/codec/packet.js";

function snapshotOf(tallies: Tallies): Snapshot {
  return { ...tallies, connected: 1, processorShare: 0.5, lagMs: 1 };
}

describe("a histogram", () => {
  it("knows percentiles to within 1/64, whatever the size of values", () => {
    const values = Array.from({ length: 20_000 }, (_, index) => Math.floor(1.0008 ** index) + index);
    const histogram = new Histogram();
    for (const value of values) histogram.record(value);
    const sorted = values.map((value) => Math.min(value, 0x7fffffff)).sort((one, other) => one - other);
    for (const share of [0.001, 0.5, 0.9, 0.99, 0.999, 0.9999, 1]) {
      const exact = sorted[Math.ceil(share * sorted.length - 1e-9) - 1]!;
      expect(histogram.percentile(share)).toBeGreaterThanOrEqual(exact);
      expect(histogram.percentile(share)).toBeLessThanOrEqual(exact * (1 + 1 / 64));
    }
  });

  it("is the sum of several, as they pass between processes", () => {
    const tallies = [new Tallies(), new Tallies()];
    tallies[0]!.durations.e2e_latency.record(10);
    tallies[1]!.durations.e2e_latency.record(3_000_000);
    tallies[1]!.counts.recv = 7;
    const sum = sumOf(tallies.map((each) => pack(snapshotOf(each))));
    expect(sum.durations.e2e_latency).toMatchObject({ count: 2, sum: 3_000_010, max: 3_000_000 });
    expect([sum.counts.recv, sum.connected, sum.processorShare]).toEqual([7, 2, 0.5]);
  });
});

describe("the lines", () => {
  it.each([
    [1_000, "1s"],
    [62_000, "1m2s"],
    [3_605_000, "1h0m5s"],
  ])("have an up time as emqtt-bench writes it: %i ms is %s", (milliseconds, text) => {
    expect(upTime(milliseconds)).toBe(text);
  });

  it("begin as emqtt-bench's do", () => {
    expect(startLine(2, 1, 10)).toBe("Start with 2 workers, addrs pool size: 1 and req interval: 20 ms");
  });

  it("are one for each counter that has changed, and the average latency", () => {
    const tallies = new Tallies();
    const lines = new CounterLines();
    tallies.counts.connect_succ = 100;
    expect(lines.next(snapshotOf(tallies), 1_005)).toEqual(["1s connect_succ total=100 rate=99.50/sec"]);
    tallies.counts.pub = 120;
    tallies.durations.publish_latency.record(2_100);
    expect(lines.next(snapshotOf(tallies), 2_005)).toEqual(["2s publish_latency avg=2ms", "2s pub total=120 rate=120.00/sec"]);
    expect(lines.next(snapshotOf(tallies), 3_005)).toEqual([]);
  });

  it("of /metrics have emqtt-bench's names, durations in milliseconds", () => {
    const tallies = new Tallies();
    tallies.counts.connect_succ = 3;
    tallies.durations.mqtt_client_connect_duration.record(4_000);
    const text = metricsText(snapshotOf(tallies));
    expect(text).toContain("# TYPE connect_succ counter\nconnect_succ 3\n");
    expect(text).toContain('mqtt_client_connect_duration_bucket{le="2"} 0\nmqtt_client_connect_duration_bucket{le="5"} 1\n');
    expect(text).toContain("mqtt_client_connect_duration_sum 4\n");
  });
});

describe("variables of topics", () => {
  const values = { number: 7, clientId: "c7", userName: "u7", sequence: 3 };

  it.each([
    ["bench/%i/%c/%u/%s", "bench/7/c7/u7/3"],
    ["plain", "plain"],
    ["%rand_10/x", "6/x"],
    ["%x %", "%x %"],
  ])("%s is %s", (text, rendered) => {
    expect(new Template(text, () => 0.5).render(values)).toBe(rendered);
  });

  it("make a topic of each message where they have to", () => {
    expect(["a/%i", "a/%s", "%rand_5"].map((text) => new Template(text).isPerMessage)).toEqual([false, true, true]);
  });
});

describe("numbers of messages", () => {
  it("tell what is lost, late and doubled", () => {
    const track = new SequenceTrack(5);
    const seen = [5, 6, 9, 7, 9, 6].map((number) => [track.gapBefore(number), track.arrived(number)]);
    expect(seen).toEqual([
      ...[
        [0, "next"],
        [0, "next"],
        [2, "next"],
      ],
      ...[
        [0, "reordered"],
        [0, "duplicated"],
        [0, "duplicated"],
      ],
    ]);
  });
});

describe("a rota", () => {
  it("has each thing come round at its time, in order, over its growth", () => {
    const rota = new Rota<number>();
    const seen: number[] = [];
    for (let thing = 0; thing < 200; thing++) rota.add(thing, thing);
    rota.run(99, (thing, dueMs) => {
      seen.push(thing);
      rota.add(thing, dueMs + 200);
    });
    expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(rota.size).toBe(200);
    rota.run(1_000, (thing) => seen.push(thing));
    expect(seen.length).toBe(300);
    expect(rota.size).toBe(0);
  });
});

describe("frames", () => {
  it("are found wherever the stream is cut", () => {
    const publish = (payload: Uint8Array) =>
      encode({ type: PacketType.Publish, dup: false, qos: 0, retain: false, topic: "t", packetId: 0, properties: {}, payload }, 4);
    const frames = [publish(new Uint8Array(300)), Uint8Array.of(0xd0, 0), publish(new Uint8Array(0))];
    const stream = Buffer.concat(frames);
    for (let cut = 0; cut <= stream.length; cut++) {
      const found: number[] = [];
      const visitor = { onFrame: (_bytes: Uint8Array, start: number, end: number) => found.push(end - start) };
      const carry = scanFrames(undefined, stream.subarray(0, cut), visitor);
      expect(scanFrames(carry, stream.subarray(cut), visitor)).toBeUndefined();
      expect(found).toEqual(frames.map(({ length }) => length));
    }
  });

  it.each([3, 4, 5] as const)("of PUBLISH are those of the codec, in version %i", (version) => {
    for (const qos of [0, 1, 2] as const) {
      for (const size of [0, 200, 20_000, 70_000]) {
        const batch = new Batch();
        const body = new Uint8Array(size).fill(1);
        const packetId = qos === 0 ? 0 : 258;
        batch.publish({ version, qos, isRetained: true, headers: [] }, Buffer.from("a/b"), body, packetId, 0, 0);
        const packet = { type: PacketType.Publish, dup: false, qos, retain: true, topic: "a/b", packetId, properties: {}, payload: body };
        expect(Buffer.from(batch.take()).equals(Buffer.from(encode(packet, version)))).toBe(true);
      }
    }
  });

  it("carry number and time in front of the payload, 64 bits each", () => {
    const batch = new Batch();
    batch.publish(
      { version: 4, qos: 0, isRetained: false, headers: ["cnt64", "ts"] },
      Buffer.from("t"),
      Buffer.from("x"),
      0,
      2 ** 40 + 3,
      1_700_000_000_123,
    );
    const bytes = batch.take();
    expect([readNumber(bytes, 5), readNumber(bytes, 13), bytes[21]]).toEqual([2 ** 40 + 3, 1_700_000_000_123, 0x78]);
  });
});

describe("packet identifiers", () => {
  it("are free again when a message is through, and not before", () => {
    const underWay = new UnderWay();
    const ids = Array.from({ length: 40 }, (_, index) => underWay.add(index));
    expect(new Set(ids).size).toBe(40);
    expect(underWay.complete(ids[3]!)).toBe(3);
    expect(underWay.complete(ids[3]!)).toBeUndefined();
    expect([underWay.size, underWay.add(99), underWay.size]).toEqual([39, ids[3], 40]);
    underWay.clear();
    expect([underWay.size, underWay.complete(ids[0]!)]).toEqual([0, undefined]);
  });
});

describe("the client's own health", () => {
  it("is told: the client bounds a run where its processor is full or its timers are late", () => {
    const [idle, full, late] = [new ClientHealth(), new ClientHealth(), new ClientHealth()];
    for (let second = 0; second < 4; second++) {
      idle.add({ processorShare: 0.3, lagMs: 5 });
      full.add({ processorShare: 0.97, lagMs: 5 });
      late.add({ processorShare: 0.3, lagMs: 500 });
    }
    expect([idle, full, late].map(({ isBottleneck }) => isBottleneck)).toEqual([false, true, true]);
    expect(full.verdict(1)).toContain("THE CLIENT IS THE BOTTLENECK in 4 of 4 s: --processes 2");
  });
});
