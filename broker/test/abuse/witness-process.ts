import { setTimeout as sleep } from "node:timers/promises";
import { type Packet, PacketType } from "../../src/codec/packet.js";
import { PacketSocket } from "../fuzz/packet-socket.js";
import type { Seen } from "./witness.js";

/*
 * Clients that behave while others do not, in a process of their own: a publisher and a subscriber each, at QoS 1. Told "measure" over IPC, it
 * answers with what it saw since the last time.
 */

const PAIRS = 10;
const INTERVAL_MS = 1;
const PAYLOAD = Buffer.alloc(64);

const port = Number(process.argv[2]);
const sentMs = new Map<string, number>();
let latenciesMs: number[] = [];
let lost = 0;
let isMeasuring = true;

const publishers = await Promise.all(Array.from({ length: PAIRS }, (_, pair) => openPair(pair)));
process.send?.("ready");
process.on("message", (request) => {
  if (request === "end") {
    isMeasuring = false;
    process.disconnect();
    for (const publisher of publishers) publisher.destroy();
    process.exit();
  }
  const seen: Seen = { latenciesMs, closed: lost };
  latenciesMs = [];
  process.send?.(seen);
});

for (let number = 0; isMeasuring; number++) {
  const pair = number % PAIRS;
  const key = `${pair}/${number}`;
  sentMs.set(key, performance.now());
  publishers[pair]!.send({
    type: PacketType.Publish,
    topic: `witness/${pair}`,
    payload: Buffer.concat([Buffer.from(`${key} `), PAYLOAD]),
    qos: 1,
    dup: false,
    retain: false,
    packetId: (number % 65_535) + 1,
    properties: {},
  });
  await sleep(INTERVAL_MS);
}

async function openPair(pair: number): Promise<PacketSocket> {
  const onClose = () => {
    if (isMeasuring) lost++;
  };
  const onPacket = (packet: Packet) => {
    if (packet.type !== PacketType.Publish) return;
    const [key = ""] = Buffer.from(packet.payload).toString("latin1").split(" ", 1);
    latenciesMs.push(performance.now() - sentMs.get(key)!);
    sentMs.delete(key);
  };
  const subscriber = await PacketSocket.connect(port, 5, `witness-s-${pair}`, { onPacket, onClose });
  const subscription = { topicFilter: `witness/${pair}`, qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
  subscriber.send({ type: PacketType.Subscribe, packetId: 1, subscriptions: [subscription], properties: {} });
  return PacketSocket.connect(port, 5, `witness-p-${pair}`, { onPacket: () => {}, onClose });
}
