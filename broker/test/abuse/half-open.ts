import type { Socket } from "node:net";
import { closed, connected, openSocket, spread } from "./crowd.js";
import { type Attack, eventually, MIB, type Scenario, scaled } from "./scenario.js";

const SOCKETS = 10_000;

/** All are there before the first has had its time; or they come four times as fast, less than half of them at once. */
export const halfOpen = inAll({ name: "half-open", perMs: 0.5, timeoutSeconds: 25 });
export const fastHalfOpen = inAll({ name: "fast-half-open", perMs: 2, timeoutSeconds: 2, needsAllCores: true });

interface Flood {
  readonly name: string;
  readonly perMs: number;
  /** `mqtt.connectTimeoutSeconds`. */
  readonly timeoutSeconds: number;
  readonly needsAllCores?: true;
}

function inAll(flood: Flood): Scenario {
  const { name, perMs, timeoutSeconds, needsAllCores } = flood;
  return {
    name,
    title: `10,000 sockets that never send CONNECT, ${perMs * 1_000} a second`,
    settings: () => ({ mqtt: { connectTimeoutSeconds: timeoutSeconds } }),
    maxGrowthBytes: (scale) => 32 * MIB + scaled(SOCKETS, scale) * 10_240,
    sparesOthers: true,
    ...(needsAllCores && { needsAllCores }),
    run: (attack) => run(attack, flood),
  };
}

async function run(attack: Attack, { perMs, timeoutSeconds }: Flood): Promise<string> {
  const { ports, scale, problem } = attack;
  const before = await attack.count();
  await attack.begin();
  const sockets: Socket[] = [];
  const count = scaled(SOCKETS, scale);
  await spread(count, perMs, () => sockets.push(openSocket(ports.tcp!)));
  await Promise.all(sockets.map(connected));
  const areAllThere = count / perMs < timeoutSeconds * 1_000;
  // The kernel has accepted them; the broker may yet have to.
  if (areAllThere) await eventually(attack, "all are there", ({ connectionsOpen }) => connectionsOpen >= before.connectionsOpen + count);
  await Promise.all(sockets.map(closed));
  const { counters } = await eventually(attack, "all are closed", ({ connectionsOpen }) => connectionsOpen === before.connectionsOpen);
  const reaped = counters.connectTimeouts! - before.counters.connectTimeouts!;
  const turnedAway = (counters.turnedOut ?? 0) - (before.counters.turnedOut ?? 0);
  if (reaped + turnedAway !== sockets.length)
    problem(`of ${sockets.length} sockets ${reaped} timed out and ${turnedAway} were turned away`);
  return `${reaped} timed out, ${turnedAway} turned away`;
}
