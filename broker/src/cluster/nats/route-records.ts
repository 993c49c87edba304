import { ByteReader } from "../../journal/byte-reader.js";
import { ByteWriter } from "../../journal/byte-writer.js";
import { TakenNumbers } from "../../persistence/taken-numbers.js";
import type { SharedFilter } from "../../topics/topic-filter.js";

/*
 * The records of the route log. A record is a byte that says what it is, the sequence of its writer's record before it, and its fields: numbers as varints, texts with their length before
 * them (journal/byte-writer.ts). Who has written it stands in its subject.
 *
 * A route is one text: the filter; of a shared subscription a null character, the share name, a slash and the filter. MQTT allows no null
 * character in a filter [MQTT-4.7.3-2], and no slash in a share name [MQTT-4.8.2-2].
 */

/** The writer is there from here on. */
const JOINED = 1;
/** A broker is not there any more: its name. */
const LEFT = 2;
/** Routes that the writer has, each with its count before: new ones, those that ended. */
const ROUTES = 3;
/** Part of all routes that the writer has: count and each. Stands for `joined` too, as what came before may be gone. */
const SNAPSHOT = 4;

/**
 * The writer has what a dead broker had: its name; the brokers whose batches that had taken in, and up to which (count, name and sequence);
 * what it had had for shared groups (count; broker, floor, count and numbers).
 */
const ADOPTED = 5;
/** Sessions move to the writer: name of the switch, the broker that has them, client identifiers with their count before. */
const SWITCH = 6;

export type RouteRecord =
  | { readonly type: "joined" }
  | { readonly type: "left"; readonly broker: string }
  | { readonly type: "routes"; readonly added: readonly string[]; readonly removed: readonly string[] }
  | { readonly type: "snapshot"; readonly added: readonly string[] }
  | {
      readonly type: "adopted";
      readonly broker: string;
      readonly marks: ReadonlyMap<string, number>;
      /** QoS 2 messages that the dead broker had had for shared groups, by the broker that took them. @default - none, or of no use any more */
      readonly had?: ReadonlyMap<string, TakenNumbers>;
    }
  | { readonly type: "switch"; readonly token: string; readonly from: string; readonly clientIds: readonly string[] };

/** The text of a route. */
export function routeText(filter: string, shareName?: string): string {
  return shareName === undefined ? filter : `\0${shareName}/${filter}`;
}

/** The parts of a shared subscription's route, undefined for others. */
export function sharedOf(route: string): SharedFilter | undefined {
  if (route.charCodeAt(0) !== 0) return undefined;
  const slash = route.indexOf("/");
  return { shareName: route.slice(1, slash), filter: route.slice(slash + 1) };
}

/** `predecessor`: sequence of its writer's record before it, 0 if there is none. */
export function encodeRecord(record: RouteRecord, predecessor = 0): Uint8Array {
  const out = new ByteWriter();
  switch (record.type) {
    case "joined":
      begin(out, JOINED, predecessor);
      break;
    case "left":
      begin(out, LEFT, predecessor);
      out.text(record.broker);
      break;
    case "routes":
      begin(out, ROUTES, predecessor);
      writeTexts(out, record.added);
      writeTexts(out, record.removed);
      break;
    case "snapshot":
      begin(out, SNAPSHOT, predecessor);
      writeTexts(out, record.added);
      break;
    case "adopted":
      begin(out, ADOPTED, predecessor);
      out.text(record.broker);
      out.varint(record.marks.size);
      for (const [broker, sequence] of record.marks) {
        out.text(broker);
        out.varint(sequence);
      }
      writeHad(out, record.had);
      break;
    case "switch":
      begin(out, SWITCH, predecessor);
      out.text(record.token);
      out.text(record.from);
      writeTexts(out, record.clientIds);
      break;
  }
  return Uint8Array.from(out.bytes.subarray(0, out.length));
}

/** Undefined for a record of a later version. Throws StoreError for one that is cut off. */
export function decodeRecord(bytes: Uint8Array): RouteRecord | undefined {
  const from = readerOf(bytes);
  const type = from.u8();
  if (type > SWITCH) return undefined;
  from.varint();
  switch (type) {
    case JOINED:
      return { type: "joined" };
    case LEFT:
      return { type: "left", broker: from.text() };
    case ROUTES:
      return { type: "routes", added: readTexts(from), removed: readTexts(from) };
    case SNAPSHOT:
      return { type: "snapshot", added: readTexts(from) };
    case ADOPTED: {
      const broker = from.text();
      const marks = new Map<string, number>();
      for (let left = from.varint(); left > 0; left--) marks.set(from.text(), from.varint());
      const had = from.isAtEnd ? undefined : readHad(from);
      return { type: "adopted", broker, marks, ...(had !== undefined && { had }) };
    }
    case SWITCH:
      return { type: "switch", token: from.text(), from: from.text(), clientIds: readTexts(from) };
    default:
      return undefined;
  }
}

/** The one of its writer that came before it in the log, 0 if there is none. */
export function predecessorOf(bytes: Uint8Array): number {
  const from = readerOf(bytes);
  return from.u8() > SWITCH ? 0 : from.varint();
}

function readerOf(bytes: Uint8Array): ByteReader {
  return new ByteReader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
}

function begin(out: ByteWriter, type: number, predecessor: number): void {
  out.u8(type);
  out.varint(predecessor);
}

/** Of numbers, what each has more than the one before. */
function writeHad(out: ByteWriter, had: ReadonlyMap<string, TakenNumbers> | undefined): void {
  if (had === undefined || had.size === 0) return;
  out.varint(had.size);
  for (const [origin, { floor, numbers }] of had) {
    out.text(origin);
    out.varint(floor);
    out.varint(numbers.size);
    let last = floor;
    for (const number of [...numbers].sort((a, b) => a - b)) {
      out.varint(number - last);
      last = number;
    }
  }
}

function readHad(from: ByteReader): Map<string, TakenNumbers> {
  const had = new Map<string, TakenNumbers>();
  for (let left = from.varint(); left > 0; left--) {
    const origin = from.text();
    const floor = from.varint();
    let last = floor;
    const numbers = Array.from({ length: from.varint() }, () => (last += from.varint()));
    had.set(origin, new TakenNumbers(floor, numbers));
  }
  return had;
}

function writeTexts(out: ByteWriter, texts: readonly string[]): void {
  out.varint(texts.length);
  for (const text of texts) out.text(text);
}

function readTexts(from: ByteReader): string[] {
  const texts: string[] = [];
  for (let left = from.varint(); left > 0; left--) texts.push(from.text());
  return texts;
}
