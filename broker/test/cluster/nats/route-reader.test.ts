import { beforeEach, expect, it } from "vitest";
import { ClusterCounters } from "../../../src/cluster/nats/cluster-counters.js";
import { RouteReader } from "../../../src/cluster/nats/route-reader.js";
import { encodeRecord, type RouteRecord } from "../../../src/cluster/nats/route-records.js";
import { SILENT } from "./test-backplane.js";

const ROUTES: RouteRecord = { type: "routes", added: ["a"], removed: [] };
const SNAPSHOT: RouteRecord = { type: "snapshot", added: ["a"] };

let taken: string[];
let missing: number;
let isCaughtUp: boolean;
let reader: RouteReader;
beforeEach(() => {
  [taken, missing, isCaughtUp] = [[], 0, true];
  reader = new RouteReader({
    ...{ prefix: "mqttd.test", isCaughtUp: () => isCaughtUp, counters: new ClusterCounters(), log: SILENT },
    takeIn: (writer, { type }, sequence) => void taken.push(`${writer} ${type} ${sequence}`),
    onMissing: () => void missing++,
  });
});

const read = (writer: string, sequence: number, predecessor: number, record: RouteRecord = ROUTES) =>
  reader.take({ subject: `mqttd.test.r.${writer}`, sequence, bytes: encodeRecord(record, predecessor) });

it("a record that says that another came before it, which has not, is not taken in before that has come", () => {
  expect([read("a", 5, 0), read("b", 6, 0), read("a", 9, 5)]).toEqual(["a", "b", "a"]);
  expect(read("a", 12, 11)).toBeUndefined();
  expect([read("a", 11, 9), read("a", 12, 11), missing]).toEqual(["a", "a", 0]);
  expect(taken).toEqual(["a routes 5", "b routes 6", "a routes 9", "a routes 11", "a routes 12"]);
});

it("if it does not come however often the log is read, the broker is told so", () => {
  read("a", 5, 0);
  for (let attempt = 0; attempt < 8; attempt++) expect([read("a", 9, 7), missing]).toEqual([undefined, 0]);
  expect([read("a", 9, 7), missing, taken]).toEqual(["a", 1, ["a routes 5"]]);
});

it("what a snapshot stands for may be gone for who joins, and not for a member, for whom its writer waits", () => {
  isCaughtUp = false;
  expect([read("a", 5, 4), read("a", 5, 4, SNAPSHOT), read("a", 7, 5)]).toEqual([undefined, "a", "a"]);
  isCaughtUp = true;
  expect(read("a", 12, 9, SNAPSHOT)).toBeUndefined();
});

it("one that cannot be read, or is of a later version, has been read all the same", () => {
  expect(reader.take({ subject: "mqttd.test.r.a", sequence: 5, bytes: new Uint8Array([2, 0, 9]) })).toBe("a");
  expect(reader.take({ subject: "mqttd.test.r.a", sequence: 6, bytes: new Uint8Array([99, 5]) })).toBe("a");
  expect([read("a", 7, 6), taken]).toEqual(["a", ["a routes 7"]]);
});
