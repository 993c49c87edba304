import { describe, expect, it } from "vitest";
import { type Message, NEVER } from "../../src/message.js";
import { Counters } from "../../src/sys/counters.js";
import type { Gauges } from "../../src/sys/gauges.js";
import type { ClusterReadings } from "../../src/sys/reading.js";
import { SysPublisher } from "../../src/sys/sys-publisher.js";
import { SettableClock } from "../support/settable-clock.js";

function start(cluster?: ClusterReadings) {
  const clock = new SettableClock();
  const counters = new Counters();
  const gauges: { -readonly [Name in keyof Gauges]: number } = {
    sessionsOffline: 2,
    subscriptions: 7,
    sharedSubscriptions: 3,
    retainedMessages: 5,
    storedMessages: 11,
    storedBytes: 1_000,
    heapBytes: 4_096,
    filters: 6,
    loopLagMs: 0,
  };
  const published: Message[] = [];
  const publisher = new SysPublisher({
    version: "mqttd version 1.2.3",
    clock,
    counters,
    gauges: () => gauges,
    cluster: cluster && (() => cluster),
    publish: (message) => published.push(message),
  });
  const tick = (ms: number): Record<string, string> => {
    clock.nowMs += ms;
    publisher.tick();
    return Object.fromEntries(published.splice(0).map(({ topic, payload }) => [topic, Buffer.from(payload).toString()]));
  };
  return { clock, counters, gauges, published, publisher, tick };
}

describe("SysPublisher", () => {
  it("publishes everything at first, as retained messages of QoS 0 that nobody sent and that do not expire", () => {
    const { publisher, published } = start();
    publisher.tick();
    for (const message of published) {
      expect(message).toMatchObject({ qos: 0, retain: true, properties: {}, expiresAtMs: NEVER, publisher: "" });
      expect(message.topic).toMatch(/^\$SYS\/broker\//);
      expect(message.payload.buffer.byteLength).toBe(message.payload.byteLength); // retained for long: pins nothing else
    }
  });

  it("says what goes on between brokers where there are others, and nothing of it where there are none", () => {
    const { tick } = start({
      ...{ peers: 2, routes: 30, unacknowledgedBytes: 400, batchesSent: 5, batchesResent: 1, messagesSent: 50, messagesReceived: 60 },
      ...{ messagesDropped: 7, messagesRefused: 8, peersDeclaredDead: 1, fenced: 0 },
      ...{ sessionsReceived: 13, sessionsHandedOver: 14, sessionsInherited: 15 },
      ...{ retainedAbsent: 9, retainedMemoryBytes: 100, retainedFetched: 11, retainedFetchesFailed: 12, retainedSuperseded: 16 },
    });
    expect(tick(0)).toMatchObject({
      "$SYS/broker/cluster/peers": "2",
      "$SYS/broker/cluster/routes": "30",
      "$SYS/broker/cluster/bytes/unacknowledged": "400",
      "$SYS/broker/cluster/batches/sent": "5",
      "$SYS/broker/cluster/batches/resent": "1",
      "$SYS/broker/cluster/messages/sent": "50",
      "$SYS/broker/cluster/messages/received": "60",
      "$SYS/broker/cluster/messages/dropped": "7",
      "$SYS/broker/cluster/messages/refused": "8",
      "$SYS/broker/cluster/sessions/received": "13",
      "$SYS/broker/cluster/sessions/handed_over": "14",
      "$SYS/broker/cluster/sessions/inherited": "15",
      "$SYS/broker/cluster/peers_declared_dead": "1",
      "$SYS/broker/cluster/fenced": "0",
      "$SYS/broker/cluster/retained/absent": "9",
      "$SYS/broker/cluster/retained/memory_bytes": "100",
      "$SYS/broker/cluster/retained/fetched": "11",
      "$SYS/broker/cluster/retained/fetches_failed": "12",
      "$SYS/broker/cluster/retained/superseded": "16",
    });
    expect(Object.keys(start().tick(0)).filter((topic) => topic.includes("/cluster/"))).toEqual([]);
  });

  it("says how things stand", () => {
    const { counters, tick } = start();
    for (let i = 0; i < 4; i++) counters.clientJoined();
    counters.clientLeft();
    counters.publishReceived.set([1, 2, 4]);
    counters.packetsReceived.set([0, 10, 0, 7]);
    counters.publishDropped.set([1, 1, 1]);
    expect(tick(61_999)).toMatchObject({
      "$SYS/broker/version": "mqttd version 1.2.3",
      "$SYS/broker/uptime": "61 seconds",
      "$SYS/broker/clients/connected": "3",
      "$SYS/broker/clients/disconnected": "2",
      "$SYS/broker/clients/total": "5",
      "$SYS/broker/clients/maximum": "4",
      "$SYS/broker/messages/received": "17",
      "$SYS/broker/publish/messages/received": "7",
      "$SYS/broker/publish/messages/dropped": "3",
      "$SYS/broker/retained messages/count": "5",
      "$SYS/broker/subscriptions/count": "7",
      "$SYS/broker/store/messages/bytes": "1000",
    });
  });

  it("publishes only what has changed since", () => {
    const { counters, gauges, tick } = start();
    tick(0);
    expect(tick(0)).toEqual({});
    counters.bytesSent += 100;
    gauges.subscriptions = 8;
    expect(tick(0)).toEqual({ "$SYS/broker/bytes/sent": "100", "$SYS/broker/subscriptions/count": "8" });
    expect(tick(10_000)).toEqual({
      "$SYS/broker/uptime": "10 seconds",
      "$SYS/broker/load/bytes/sent/1min": "92.11",
      "$SYS/broker/load/bytes/sent/5min": "19.67",
      "$SYS/broker/load/bytes/sent/15min": "6.63",
    });
  });

  it("keeps the largest heap it has seen", () => {
    const { gauges, tick } = start();
    tick(0);
    gauges.heapBytes = 10_000;
    tick(0);
    gauges.heapBytes = 5_000;
    expect(tick(0)).toEqual({ "$SYS/broker/heap/current": "5000" });
  });

  it("does not count below zero when the clock is set back", () => {
    const { tick } = start();
    expect(tick(-5_000)["$SYS/broker/uptime"]).toBe("0 seconds");
  });
});
