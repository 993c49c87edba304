import { encode } from "../../src/codec/codec.js";
import { PacketType } from "../../src/codec/packet.js";
import { closed, connectBytes, connected, each, openSocket, subscribeBytes, tryConnect } from "./crowd.js";
import { type Attack, eventually, MIB, type Scenario, scaled } from "./scenario.js";

const SUBSCRIBERS = 1_000;
const PAYLOAD_BYTES = 8_192;
/** 8 MiB a subscriber: more than what kernel and broker hold for one that does not read. */
const MESSAGES = 1_024;
const MAX_OUTPUT_BYTES = 256 * 1_024;
/** Messages that may be on their way to the other subscribers. */
const WINDOW = 8;

export const slowReader: Scenario = {
  name: "slow-reader",
  title: "one of 1,000 subscribers does not read",
  settings: () => ({ mqtt: { maxOutputBytes: MAX_OUTPUT_BYTES, slowConsumerSeconds: 3 } }),
  maxGrowthBytes: (scale) => 64 * MIB + scaled(SUBSCRIBERS, scale) * 65_536,
  async run(attack: Attack) {
    const { ports, scale, problem } = attack;
    const before = await attack.report();
    const sockets = Array.from({ length: scaled(SUBSCRIBERS, scale) }, (_, index) => openSocket(ports.tcp!, index));
    await each(sockets.length, 100, async (index) => {
      await connected(sockets[index]!);
      await tryConnect(sockets[index]!, connectBytes(`reader-${index}`));
      await tryConnect(sockets[index]!, subscribeBytes("fan"));
    });
    const [slow, ...readers] = sockets;
    slow!.pause();
    const message = encode(
      {
        type: PacketType.Publish,
        topic: "fan",
        payload: Buffer.alloc(PAYLOAD_BYTES),
        qos: 0,
        dup: false,
        retain: false,
        packetId: 0,
        properties: {},
      },
      5,
    );
    const publisher = openSocket(ports.tcp!, 0);
    await connected(publisher);
    await tryConnect(publisher, connectBytes("fan-publisher"));
    let sent = 0;
    let bytes = 0;
    const all = MESSAGES * message.length * readers.length;
    await new Promise<void>((resolve) => {
      const send = () => {
        while (sent < MESSAGES && (sent - WINDOW) * message.length * readers.length <= bytes) {
          publisher.write(message);
          sent++;
        }
      };
      for (const reader of readers)
        reader.on("data", (chunk: Uint8Array) => {
          bytes += chunk.length;
          if (sent < MESSAGES) send();
          else if (bytes === all) resolve();
        });
      for (const reader of readers) reader.once("close", () => resolve());
      send();
    });
    if (bytes !== all) problem(`the other subscribers got ${bytes} of ${all} bytes`);
    // It reads again only to see that it was closed.
    const gone = await eventually(
      attack,
      "the slow one is disconnected",
      ({ counters }) => counters.slowConsumers! > before.counters.slowConsumers!,
    );
    const dropped = gone.counters.publishDropped! - before.counters.publishDropped!;
    if (dropped === 0) problem("nothing was dropped for the slow one");
    for (const socket of [...sockets, publisher]) socket.destroy();
    await Promise.all([...sockets, publisher].map(closed));
    await eventually(attack, "all are gone", ({ connectionsOpen }) => connectionsOpen === before.connectionsOpen);
    return `${readers.length} got all ${MESSAGES} messages, the slow one lost ${dropped} and its connection`;
  },
};
