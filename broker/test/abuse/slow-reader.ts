import type { Socket } from "node:net";
import { encode } from "../../src/codec/codec.js";
import { PacketType } from "../../src/codec/packet.js";
import { closed, connectBytes, connected, each, openSocket, subscribeBytes, tryConnect } from "./crowd.js";
import { type Attack, eventually, MIB, type Scenario, scaled } from "./scenario.js";

const SUBSCRIBERS = 1_000;
const MAX_OUTPUT_BYTES = 256 * 1_024;
/** Everyone gets one of these every so often. */
const BEAT_MS = 50;
/** Only the slow one gets these: 16 MiB, more than what kernel and broker hold for one that does not read. */
const HEAVY_MESSAGES = 512;
const HEAVY_BYTES = 32_768;

export const slowReader: Scenario = {
  name: "slow-reader",
  title: "one of 1,000 subscribers does not read",
  settings: () => ({ mqtt: { maxOutputBytes: MAX_OUTPUT_BYTES, slowConsumerSeconds: 3 } }),
  maxGrowthBytes: (scale) => 32 * MIB + scaled(SUBSCRIBERS, scale) * 10_240,
  sparesOthers: true,
  async run(attack: Attack) {
    const { ports, scale, problem } = attack;
    const before = await attack.count();
    const sockets = Array.from({ length: scaled(SUBSCRIBERS, scale) }, () => openSocket(ports.tcp!));
    const [slow, ...readers] = sockets;
    await each(sockets.length, 100, async (index) => {
      await join(sockets[index]!, `reader-${index}`, "beat");
    });
    const [beating, heavy] = [openSocket(ports.tcp!), openSocket(ports.tcp!)];
    await Promise.all([join(beating, "beat-publisher"), join(heavy, "heavy-publisher")]);
    const beat = publishBytes("beat", 64);
    let beats = 0;
    const received = readers.map(() => 0);
    for (const [index, reader] of readers.entries()) {
      reader.on("data", (chunk: Uint8Array) => {
        received[index]! += chunk.length;
      });
    }
    const timer = setInterval(() => {
      beats++;
      beating.write(beat);
    }, BEAT_MS);

    await attack.begin();
    await tryConnect(slow!, subscribeBytes("heavy"));
    slow!.pause();
    for (let sent = 0; sent < HEAVY_MESSAGES; sent++) heavy.write(publishBytes("heavy", HEAVY_BYTES));
    const gone = await eventually(
      attack,
      "the slow one is disconnected",
      ({ counters }) => counters.slowConsumers! > before.counters.slowConsumers!,
    );
    clearInterval(timer);
    const dropped = gone.counters.publishDropped! - before.counters.publishDropped!;
    if (dropped === 0) problem("nothing was dropped for the slow one");
    const whole = beats * beat.length;
    await eventually(attack, "the others have everything", () => received.every((bytes) => bytes === whole));
    for (const socket of [...sockets, beating, heavy]) socket.destroy();
    await Promise.all([...sockets, beating, heavy].map(closed));
    await eventually(attack, "all are gone", ({ connectionsOpen }) => connectionsOpen === before.connectionsOpen);
    return `${readers.length} got all ${beats} messages, the slow one lost ${dropped} and its connection`;
  },
};

async function join(socket: Socket, clientId: string, topicFilter?: string): Promise<void> {
  await connected(socket);
  await tryConnect(socket, connectBytes(clientId));
  if (topicFilter !== undefined) await tryConnect(socket, subscribeBytes(topicFilter));
}

function publishBytes(topic: string, bytes: number): Uint8Array {
  const payload = Buffer.alloc(bytes);
  return encode({ type: PacketType.Publish, topic, payload, qos: 0, dup: false, retain: false, packetId: 0, properties: {} }, 5);
}
