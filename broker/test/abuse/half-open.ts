import type { Socket } from "node:net";
import { closed, connected, openSocket } from "./crowd.js";
import { type Attack, eventually, MIB, type Scenario, scaled } from "./scenario.js";

const SOCKETS = 10_000;
/** They come at 1,250 a second, spread as those of many machines are: all are there before the first has had its time. */
const PER_MS = 0.5;
const TIMEOUT_SECONDS = 25;

export const halfOpen: Scenario = {
  name: "half-open",
  title: "10,000 sockets that never send CONNECT",
  settings: () => ({ mqtt: { connectTimeoutSeconds: TIMEOUT_SECONDS } }),
  maxGrowthBytes: (scale) => 32 * MIB + scaled(SOCKETS, scale) * 10_240,
  sparesOthers: true,
  async run(attack: Attack) {
    const { ports, scale, problem } = attack;
    const before = await attack.count();
    await attack.begin();
    const sockets: Socket[] = [];
    const count = scaled(SOCKETS, scale);
    for (const startedAtMs = performance.now(); sockets.length < count; await new Promise((resolve) => setTimeout(resolve, 1))) {
      const due = Math.min(count, (performance.now() - startedAtMs) * PER_MS);
      while (sockets.length < due) sockets.push(openSocket(ports.tcp!, sockets.length));
    }
    await Promise.all(sockets.map(connected));
    const { connectionsOpen: open } = await attack.count();
    if (open < before.connectionsOpen + count) problem(`${open} connections are open, ${count} of them silent ones`);
    await Promise.all(sockets.map(closed));
    const { counters } = await eventually(attack, "all are closed", ({ connectionsOpen }) => connectionsOpen === before.connectionsOpen);
    const reaped = counters.connectTimeouts! - before.counters.connectTimeouts!;
    const turnedAway = (counters.turnedOut ?? 0) - (before.counters.turnedOut ?? 0);
    if (reaped + turnedAway !== sockets.length)
      problem(`of ${sockets.length} sockets ${reaped} timed out and ${turnedAway} were turned away`);
    return `${reaped} timed out, ${turnedAway} turned away`;
  },
};
