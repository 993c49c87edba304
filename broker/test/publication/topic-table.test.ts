import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../src/codec/protocol-error.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { Topic } from "../../src/publication/topic.js";
import { TopicTable, type TopicTableOptions } from "../../src/publication/topic-table.js";
import { oneOf, seededRandom } from "../topics/support.js";

function tableOf(options: Partial<TopicTableOptions> = {}): TopicTable<string> {
  return new TopicTable({ maxTopicLevels: 128, hashSeed: 1, ...options });
}

/** Looks a topic up as it lies in a packet: behind its length, among other bytes. */
function find(table: TopicTable<string>, name: string | Uint8Array, padding = 3): Topic<string> {
  const text = Buffer.from(name as string);
  const bytes = Buffer.alloc(padding + 2 + text.length + 4, 0x61);
  bytes.writeUInt16BE(text.length, padding);
  text.copy(bytes, padding + 2);
  const topic = table.find(bytes, padding + 2, padding + 2 + text.length);
  bytes.fill(0);
  return topic;
}

function refusal(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error instanceof ProtocolError ? error.reasonCode : error;
  }
  return undefined;
}

describe("TopicTable", () => {
  it("finds topics by their bytes, and keeps none of the packet's", () => {
    for (const name of ["a", "/", "a/b/c", "é日\u{1f600}", "\ufeffa", " ", "$SYS/x", "x".repeat(65_535)]) {
      const { name: found, wire } = find(tableOf(), name);
      expect([found, Buffer.from(wire).equals(Topic.named(name).wire)]).toEqual([name, true]);
    }
  });

  it("gives the same topic for the same bytes, wherever in a packet they lie", () => {
    const table = tableOf();
    const topic = find(table, "a/b");
    topic.routes = "remembered";
    expect([find(table, "a/b", 0), find(table, "a/b", 50)]).toEqual([topic, topic]);
    expect(find(table, "a/c")).not.toBe(topic);
  });

  it("keeps the two topics of a place that were used last", () => {
    const table = tableOf({ capacity: 2 }); // all in one place
    const [a, b] = [find(table, "a"), find(table, "b")];
    expect([find(table, "a") === a, find(table, "b") === b]).toEqual([true, true]);
    find(table, "a");
    const c = find(table, "c");
    expect([find(table, "a") === a, find(table, "c") === c, find(table, "b") === b]).toEqual([true, true, false]);
  });

  it.each([2, 16, 1_024])("never mistakes one topic for another, with room for %i", (capacity) => {
    const table = tableOf({ capacity });
    const random = seededRandom(capacity);
    for (let i = 0; i < 5_000; i++) {
      const name = Array.from({ length: 1 + Math.floor(random() * 4) }, () => oneOf(["a", "b", "é", "/", "xyz"], random)).join("");
      if (find(table, name).name !== name) expect(find(table, name).name).toBe(name);
    }
  });

  it("forgets all it knows when it is told to", () => {
    const table = tableOf();
    const topic = find(table, "a");
    table.clear();
    expect(find(table, "a")).not.toBe(topic);
  });

  it("lets go of routes of another generation, a part of the table with each call", () => {
    const table = tableOf({ capacity: 8 });
    const [old, current] = [find(table, "old"), find(table, "current")];
    Object.assign(old, { routes: "stale", generation: 1 });
    Object.assign(current, { routes: "valid", generation: 2 });

    const forgotten: string[] = [];
    for (let part = 0; part < 4; part++) table.dropStaleRoutes(2, 2, (routes) => forgotten.push(routes));
    expect(forgotten).toEqual(["stale"]);
    expect([old.routes, current.routes]).toEqual([undefined, "valid"]);
    expect(find(table, "old")).toBe(old);
  });

  it("says of a topic that was pushed out or forgotten that it is not remembered", () => {
    const table = tableOf({ capacity: 2 });
    const first = find(table, "1");
    find(table, "2");
    expect(first.isRemembered).toBe(true);
    const third = find(table, "3");
    expect([first.isRemembered, third.isRemembered]).toEqual([false, true]);
    table.clear();
    expect(third.isRemembered).toBe(false);
  });

  it("does not remember long topics, which would take its memory away", () => {
    const table = tableOf();
    const isRemembered = [256, 257].map((length) => {
      const topic = find(table, "x".repeat(length));
      return find(table, "x".repeat(length)) === topic;
    });
    expect(isRemembered).toEqual([true, false]);
  });

  it.each([
    ["+", "has a wildcard [MQTT-3.3.2-2] [MQTT-4.7.1-1], 3.1.1 [MQTT-3.3.2-2] [MQTT-4.7.1-1]"],
    ["a/#", "has a wildcard [MQTT-3.3.2-2] [MQTT-4.7.1-1], 3.1.1 [MQTT-3.3.2-2] [MQTT-4.7.1-1]"],
    ["a\0", "has a null character [MQTT-4.7.3-2], 3.1.1 [MQTT-4.7.3-2]"],
  ])("refuses %j: it %s", (name) => {
    const table = tableOf();
    for (let i = 0; i < 2; i++) expect(refusal(() => find(table, name))).toEqual(expect.any(Number));
  });

  it("refuses what is not UTF-8, each time [MQTT-1.5.4-1] [MQTT-3.3.2-1], 3.1.1 [MQTT-1.5.3-1] [MQTT-3.3.2-1]", () => {
    const table = tableOf();
    for (const bytes of [[0xff], [0x61, 0xc3], [0xed, 0xa0, 0x80]]) {
      for (let i = 0; i < 2; i++) expect(refusal(() => find(table, Uint8Array.from(bytes)))).toEqual(expect.any(Number));
    }
  });

  it("refuses more levels than are allowed, and says how many there are", () => {
    const table = tableOf({ maxTopicLevels: 3 });
    expect(find(table, "a/b/c").name).toBe("a/b/c");
    expect(refusal(() => find(table, "a/b/c/d"))).toBe(ReasonCode.TopicNameInvalid);
    expect(() => find(table, "////")).toThrow("5 levels");
  });

  it("works with every seed", () => {
    for (const hashSeed of [0, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 40 + 7]) {
      const table = tableOf({ hashSeed, capacity: 4 });
      for (const name of ["a", "b", "c", "a"]) expect(find(table, name).name).toBe(name);
    }
  });
});

describe("Topic", () => {
  it("has the bytes of a name that is given as text", () => {
    expect([...Topic.named("é/1").wire]).toEqual([0, 4, 0xc3, 0xa9, 0x2f, 0x31]);
  });

  it("refuses a name that MQTT cannot carry", () => {
    expect(() => Topic.named("x".repeat(65_536))).toThrow(RangeError);
  });
});
