import { describe, expect, it } from "vitest";
import { readBatch, writeEntry } from "../../../src/cluster/nats/message-batch.js";
import { decodeFrame, encodeFrame, type PeerFrame } from "../../../src/cluster/nats/peer-frames.js";
import { decodeRetained, encodeRetained, retainedSubject } from "../../../src/cluster/nats/retained-records.js";
import { decodeRecord, encodeRecord, type RouteRecord } from "../../../src/cluster/nats/route-records.js";
import { ByteWriter } from "../../../src/journal/byte-writer.js";
import { NEVER } from "../../../src/message.js";
import { writeMessage } from "../../../src/persistence/message-record.js";
import { TakenNumbers } from "../../../src/persistence/taken-numbers.js";
import { messageOf } from "../../session/support.js";

const TEXTS = ["", " ", "a.b", "*", ">", "é日\u{1f600}", "/".repeat(65_535), "\0g/a/+", "__proto__"];

const RECORDS: readonly RouteRecord[] = [
  { type: "joined" },
  { type: "left", broker: "pod-0-0123abcd" },
  { type: "routes", added: TEXTS, removed: ["x"] },
  { type: "routes", added: [], removed: [] },
  { type: "snapshot", added: TEXTS },
  { type: "adopted", broker: "pod", marks: new Map(TEXTS.map((text, index) => [text, 2 ** index])) },
  { type: "adopted", broker: "pod", marks: new Map(), had: new Map([["a", new TakenNumbers(7, [9, 2 ** 40, 8])]]) },
];

const FRAMES: readonly PeerFrame[] = [
  { type: "batch", from: "pod", sequence: 2 ** 40, part: 1, parts: 300, bytes: new Uint8Array(100_000).fill(7) },
  { type: "acknowledgement", from: "pod", received: 300, accepted: 7 },
  { type: "applied", from: "pod", sequence: 0 },
  { type: "heartbeat", from: "pod", sequence: 5, isReady: true },
  { type: "heartbeat", from: "pod", sequence: 5, isReady: false },
  ...TEXTS.map((clientId) => ({ type: "takeover", from: "pod", sequence: 1, clientId }) as const),
];

/** All bytes but the last few. */
const cutOff = (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1);

describe("what brokers write for each other", () => {
  const out = new ByteWriter();

  it.each(RECORDS.map((record) => [record.type, record] as const))("is read as it was written: %s", (_, record) => {
    const bytes = encodeRecord(record);
    expect(decodeRecord(bytes)).toEqual(record);
    if (record.type !== "joined") expect(() => decodeRecord(cutOff(bytes))).toThrow("a record is cut off");
  });

  it.each(FRAMES.map((frame) => [frame.type, frame] as const))("is heard as it was said: %s", (type, frame) => {
    const bytes = encodeFrame(out, frame);
    expect(decodeFrame(bytes)).toEqual(frame);
    if (type !== "batch") expect(() => decodeFrame(cutOff(bytes))).toThrow("a record is cut off");
  });

  it("is passed over if a later version has written it", () => {
    expect(decodeRecord(new Uint8Array([99, 1, 2]))).toBeUndefined();
    out.reset(0);
    for (const write of [() => out.u8(99), () => out.text("pod"), () => out.varint(1)]) write();
    expect(decodeFrame(Uint8Array.from(out.bytes.subarray(0, out.length)))).toBeUndefined();
    out.reset(0);
    for (const write of [() => out.u8(99), () => out.text("writer"), () => out.varint(1)]) write();
    expect(decodeRetained(Uint8Array.from(out.bytes.subarray(0, out.length)))).toBeUndefined();
  });

  it("has retained messages whole, topics without one, and marks", () => {
    const message = {
      topic: "a/é",
      payload: new Uint8Array([1]),
      qos: 2,
      retain: true,
      properties: {},
      expiresAtMs: NEVER,
      publisher: "p",
    } as const;
    for (const record of [
      { writer: "w", attempt: 7, topic: message.topic, message },
      { writer: "w", attempt: 7, topic: "/".repeat(65_535), message: undefined },
      { writer: "w", attempt: 7, topic: "", message: undefined },
      { writer: "w", attempt: 7, topic: undefined, message: undefined },
    ]) {
      expect(decodeRetained(encodeRetained(out, record))).toEqual(record);
    }
  });

  it("puts no topic into a subject", () => {
    for (const topic of TEXTS) expect(retainedSubject("mqttd.x", topic)).toMatch(/^mqttd\.x\.t\.[\da-f]{32}$/);
  });

  it("brings where a message is among those of its broker with it, if that is known", () => {
    const out = new ByteWriter();
    const body = new ByteWriter();
    for (const writer of [out, body]) writer.reset(0);
    writeMessage(body, messageOf("m", { qos: 1 }));
    for (const place of [300, undefined]) writeEntry(out, true, [], body.bytes.subarray(0, body.length), { estate: "dead" }, place);
    const found: unknown[] = [];
    const visitor = { mark: () => expect.unreachable(), session: () => expect.unreachable() };
    readBatch(out.bytes.slice(0, out.length), {
      ...visitor,
      message: ({ payload }, _to, { estate }, place) => found.push([Buffer.from(payload).toString(), estate, place]),
    });
    expect(found).toEqual([
      ["m", "dead", 300],
      ["m", "dead", 0],
    ]);
  });

  it("has nothing in an empty batch, and complains of one that is cut off", () => {
    const nothing = { message: () => expect.unreachable(), mark: () => expect.unreachable(), session: () => expect.unreachable() };
    readBatch(new Uint8Array(), nothing);
    expect(() => readBatch(new Uint8Array([1, 0, 5]), nothing)).toThrow("a record is cut off");
  });
});
