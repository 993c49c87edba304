import { PacketType } from "../codec/packet.js";
import { type Counters, DropCause } from "./counters.js";
import type { Reading, ReadingFamily, ReadingSource } from "./reading.js";

type Read = Reading["read"];

export function gauge(name: string, key: string, help: string, read: Read): ReadingFamily {
  return { name, kind: "gauge", help, isSum: false, readings: [{ key, labels: {}, read }] };
}

export function counter(name: string, key: string, help: string, read: Read): ReadingFamily {
  return { name, kind: "counter", help, isSum: false, readings: [{ key, labels: {}, read }] };
}

export function sum(name: string, key: string, help: string, read: Read): ReadingFamily {
  return { ...counter(name, key, help, read), isSum: true };
}

type Table = (counters: Counters) => Float64Array;

export function packets(name: string, direction: "received" | "sent", help: string, table: Table): ReadingFamily {
  const readings = Object.entries(PacketType).map(([type, index]) => {
    const word = type.toLowerCase();
    // EMQX has the one without a direction, as it only ever comes.
    const key = word === "connect" && direction === "received" ? "packets.connect" : `packets.${word}.${direction}`;
    return { key, labels: { type: word }, read: ({ counters }: ReadingSource) => table(counters)[index] };
  });
  return { name, kind: "counter", help, isSum: false, readings };
}

export function byQos(name: string, direction: "received" | "sent", help: string, table: Table): ReadingFamily {
  const readings = [0, 1, 2].map((qos) => ({
    key: `messages.qos${qos}.${direction}`,
    labels: { qos: String(qos) },
    read: ({ counters }: ReadingSource) => table(counters)[qos],
  }));
  return { name, kind: "counter", help, isSum: false, readings };
}

export function byCause(name: string, prefix: string, help: string, causes: Readonly<Record<string, number>>, table: Table): ReadingFamily {
  const readings = Object.entries(causes).map(([cause, index]) => ({
    key: `${prefix}.${cause}`,
    labels: { cause },
    read: ({ counters }: ReadingSource) => table(counters)[index],
  }));
  return { name, kind: "counter", help, isSum: false, readings };
}

/** Only of the codes that have occurred, as most of 256 never do. */
export function byReason(name: string, prefix: string, help: string, table: Table): ReadingFamily {
  const readings = Array.from({ length: 256 }, (_, code) => {
    const reason = `0x${code.toString(16).padStart(2, "0")}`;
    return { key: `${prefix}.${reason}`, labels: { reason }, read: ({ counters }: ReadingSource) => table(counters)[code] || undefined };
  });
  return { name, kind: "counter", help, isSum: false, readings };
}

export function snakeCased(causes: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(causes).map(([cause, index]) => [cause.replaceAll(/(?<=.)([A-Z])/g, "_$1").toLowerCase(), index]),
  );
}

/** EMQX calls one of them by what it does not queue. */
export function dropCauses(): Record<string, number> {
  const { queue_full_qos0, ...rest } = snakeCased(DropCause);
  return { ...rest, qos0_msg: queue_full_qos0! };
}
