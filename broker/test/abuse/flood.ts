import { encode } from "../../src/codec/codec.js";
import { PacketType } from "../../src/codec/packet.js";
import { closed, connectBytes, connected, openSocket, subscribeBytes, tryConnect } from "./crowd.js";
import { type Attack, eventually, MIB, type Scenario } from "./scenario.js";

const RATE = 2_000;
const SECONDS = 6;
/** The bucket holds a second's worth, and is filled once a second. */
const MOST = RATE * (SECONDS + 3);

export const flood: Scenario = {
  name: "flood",
  title: `one client publishes as fast as it can, allowed are ${RATE} messages a second`,
  settings: () => ({ mqtt: { maxMessageRate: RATE } }),
  maxGrowthBytes: () => 32 * MIB,
  sparesOthers: true,
  async run(attack: Attack) {
    const { ports, scale, problem } = attack;
    const seconds = Math.max(3, SECONDS * scale);
    const [subscriber, flooder] = [openSocket(ports.tcp!), openSocket(ports.tcp!)];
    await Promise.all([connected(subscriber), connected(flooder)]);
    await tryConnect(subscriber, connectBytes("flooded"));
    await tryConnect(subscriber, subscribeBytes("flood"));
    await tryConnect(flooder, connectBytes("flooder"));
    let bytes = 0;
    subscriber.on("data", (chunk: Uint8Array) => {
      bytes += chunk.length;
    });

    await attack.begin();
    const message = encode(
      {
        type: PacketType.Publish,
        topic: "flood",
        payload: Buffer.alloc(64),
        qos: 0,
        dup: false,
        retain: false,
        packetId: 0,
        properties: {},
      },
      5,
    );
    const many = Buffer.concat(Array.from({ length: 1_000 }, () => message));
    const before = await attack.count();
    const deadline = performance.now() + seconds * 1000;
    let isOver = false;
    const write = () => {
      while (!isOver && flooder.write(many));
      if (!isOver) flooder.once("drain", write);
    };
    write();
    await new Promise((resolve) => setTimeout(resolve, deadline - performance.now()));
    isOver = true;
    const after = await attack.count();
    const delivered = Math.round(bytes / message.length);
    const taken = delivered + after.counters.publishDropped! - before.counters.publishDropped!;
    const pauses = after.counters.ratePauses! - before.counters.ratePauses!;
    flooder.resetAndDestroy(); // what it has written and the broker has not read yet would take its time at that rate
    subscriber.destroy();
    await Promise.all([closed(flooder), closed(subscriber)]);
    await eventually(attack, "both are gone", ({ connectionsOpen }) => connectionsOpen === before.connectionsOpen - 2);
    if (delivered === 0) problem("nothing of the flood was delivered");
    if (taken > MOST + 2_000) problem(`${taken} messages were taken in ${seconds} s`);
    if (!(pauses > 0)) problem("no pause was counted");
    return `${delivered} messages in ${seconds} s`;
  },
};
