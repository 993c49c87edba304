import type { TargetReport } from "../fuzz/target-process.js";
import { closed, connectBytes, connected, each, openSocket, tryConnect } from "./crowd.js";
import { type Attack, eventually, MIB, type Scenario, scaled } from "./scenario.js";
import { WITNESS_CONNECTIONS } from "./witness.js";

const CAPACITY = 4_000;
const QUOTA_EXCEEDED = 0x97;

export const connectStorm: Scenario = {
  name: "connect-storm",
  title: "twice as many clients as may connect, all at once",
  settings: (_folder, scale) => ({ maxConnections: scaled(CAPACITY, scale) + WITNESS_CONNECTIONS }),
  maxGrowthBytes: (scale) => 32 * MIB + scaled(CAPACITY, scale) * 2 * 10_240,
  sparesOthers: false,
  needsAllCores: true,
  rehearsedShare: 1, // with fewer clients there is room for all of them
  async run(attack: Attack) {
    const { ports, scale, problem } = attack;
    await attack.begin();
    const before = await attack.count();
    const capacity = scaled(CAPACITY, scale);
    const sockets = Array.from({ length: 2 * capacity }, () => openSocket(ports.tcp!));
    let accepted = 0;
    let refused = 0;
    await each(sockets.length, sockets.length, async (index) => {
      await connected(sockets[index]!);
      const code = await tryConnect(sockets[index]!, connectBytes(`storm-${index}`));
      if (code === 0) accepted++;
      else if (code === QUOTA_EXCEEDED) refused++;
    });
    if (accepted !== capacity || refused !== capacity)
      problem(`of ${2 * capacity} clients ${accepted} came in and ${refused} were told 0x97; half each are expected`);
    const counted = refusedOf(await attack.count()) - refusedOf(before);
    if (counted !== refused) problem(`${refused} were refused, counted are ${counted}`);
    for (const socket of sockets) socket.destroy();
    await Promise.all(sockets.map(closed));
    await eventually(attack, "only the witnesses are left", ({ connectionsOpen }) => connectionsOpen === WITNESS_CONNECTIONS);
    return `${accepted} came in, ${refused} refused with 0x97`;
  },
};

function refusedOf({ refused }: TargetReport): number {
  return refused[QUOTA_EXCEEDED] ?? 0;
}
