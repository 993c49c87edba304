import { type Counters, total } from "./counters.js";
import type { Load } from "./load-averages.js";

/** What the broker holds at one moment. */
export interface Gauges {
  /** Sessions without a connection. */
  readonly sessionsOffline: number;
  /** Subscriptions of all sessions, members of shared ones included. */
  readonly subscriptions: number;
  /** Members of shared subscriptions. */
  readonly sharedSubscriptions: number;
  readonly retainedMessages: number;
  /** Messages held: retained, queued and in flight, each once. */
  readonly storedMessages: number;
  /** Bytes of their payloads. */
  readonly storedBytes: number;
  /** Heap of the runtime in use. */
  readonly heapBytes: number;
}

/** All that `$SYS` tells. */
export interface SysSnapshot {
  /** For example "mqttd version 0.1.0". */
  readonly version: string;
  readonly uptimeSeconds: number;
  /** The most heap in use that any snapshot has met. */
  readonly heapMaximumBytes: number;
  readonly counters: Counters;
  readonly gauges: Gauges;
  readonly loads: readonly Load[];
}

export interface SysTopic {
  readonly topic: string;
  readonly value: string;
}

/** The names that mosquitto uses, which dashboards and exporters know; a test compares them with a real one. */
const VALUES: readonly (readonly [name: string, read: (snapshot: SysSnapshot) => number | string])[] = [
  ["version", ({ version }) => version],
  ["uptime", ({ uptimeSeconds }) => `${uptimeSeconds} seconds`],
  ["clients/total", clientsTotal],
  ["clients/connected", clientsConnected],
  ["clients/active", clientsConnected],
  ["clients/disconnected", clientsDisconnected],
  ["clients/inactive", clientsDisconnected],
  ["clients/maximum", ({ counters }) => counters.clientsMaximum],
  ["clients/expired", ({ counters }) => counters.sessionsExpired],
  ["messages/received", ({ counters }) => total(counters.packetsReceived)],
  ["messages/sent", ({ counters }) => total(counters.packetsSent)],
  ["messages/stored", ({ gauges }) => gauges.storedMessages],
  ["store/messages/count", ({ gauges }) => gauges.storedMessages],
  ["store/messages/bytes", ({ gauges }) => gauges.storedBytes],
  ["retained messages/count", ({ gauges }) => gauges.retainedMessages],
  ["subscriptions/count", ({ gauges }) => gauges.subscriptions],
  ["shared_subscriptions/count", ({ gauges }) => gauges.sharedSubscriptions],
  ["publish/messages/received", ({ counters }) => total(counters.publishReceived)],
  ["publish/messages/sent", ({ counters }) => total(counters.publishSent)],
  ["publish/messages/dropped", ({ counters }) => total(counters.publishDropped)],
  ["publish/bytes/received", ({ counters }) => counters.publishBytesReceived],
  ["publish/bytes/sent", ({ counters }) => counters.publishBytesSent],
  ["bytes/received", ({ counters }) => counters.bytesReceived],
  ["bytes/sent", ({ counters }) => counters.bytesSent],
  ["heap/current", ({ gauges }) => gauges.heapBytes],
  ["heap/maximum", ({ heapMaximumBytes }) => heapMaximumBytes],
];

/** A broker's state as `$SYS/broker/…` topics and the texts that are published to them. */
export function sysTopics(snapshot: SysSnapshot): SysTopic[] {
  return [
    ...VALUES.map(([name, read]) => ({ topic: `$SYS/broker/${name}`, value: String(read(snapshot)) })),
    ...snapshot.loads.map(({ measure, span, perMinute }) => ({
      topic: `$SYS/broker/load/${measure}/${span}`,
      value: perMinute.toFixed(2),
    })),
  ];
}

function clientsConnected({ counters }: SysSnapshot): number {
  return counters.clientsConnected;
}

function clientsDisconnected({ gauges }: SysSnapshot): number {
  return gauges.sessionsOffline;
}

function clientsTotal({ counters, gauges }: SysSnapshot): number {
  return counters.clientsConnected + gauges.sessionsOffline;
}
