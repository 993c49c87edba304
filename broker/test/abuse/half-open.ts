import type { Socket } from "node:net";
import { closed, connected, openSocket } from "./crowd.js";
import { type Attack, eventually, MIB, type Scenario, scaled } from "./scenario.js";

const SOCKETS = 10_000;
/** They come at 2,000 a second. */
const AT_ONCE = 20;
const EVERY_MS = 10;

export const halfOpen: Scenario = {
  name: "half-open",
  title: "10,000 sockets that never send CONNECT",
  settings: () => ({ mqtt: { connectTimeoutSeconds: 2 } }),
  maxGrowthBytes: (scale) => 32 * MIB + scaled(SOCKETS, scale) * 10_240,
  sparesOthers: true,
  async run(attack: Attack) {
    const { ports, scale, problem } = attack;
    const before = await attack.count();
    await attack.begin();
    const sockets: Socket[] = [];
    while (sockets.length < scaled(SOCKETS, scale)) {
      for (let i = 0; i < AT_ONCE; i++) sockets.push(openSocket(ports.tcp!, sockets.length));
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    await Promise.all(sockets.map(connected));
    await Promise.all(sockets.map(closed));
    const { counters } = await eventually(attack, "all are closed", ({ connectionsOpen }) => connectionsOpen === before.connectionsOpen);
    const reaped = counters.connectTimeouts! - before.counters.connectTimeouts!;
    const turnedAway = (counters.turnedOut ?? 0) - (before.counters.turnedOut ?? 0);
    if (reaped + turnedAway !== sockets.length)
      problem(`of ${sockets.length} sockets ${reaped} timed out and ${turnedAway} were turned away`);
    return `${reaped} timed out, ${turnedAway} turned away`;
  },
};
