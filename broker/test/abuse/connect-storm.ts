import type { Socket } from "node:net";
import type { TargetReport } from "../fuzz/target-process.js";
import { closed, connectBytes, connected, openSocket, spread, tryConnect } from "./crowd.js";
import { type Attack, eventually, MIB, type Scenario, scaled } from "./scenario.js";
import { WITNESS_CONNECTIONS } from "./witness.js";

const CAPACITY = 4_000;
const QUOTA_EXCEEDED = 0x97;

/** All in one instant, in which they go as well; or spread over seconds. */
export const connectStorm = ofTwiceTheCapacity({ name: "connect-storm", perMs: Number.POSITIVE_INFINITY });
export const spreadStorm = ofTwiceTheCapacity({ name: "spread-storm", perMs: 2 });

interface Storm {
  readonly name: string;
  readonly perMs: number;
}

function ofTwiceTheCapacity(storm: Storm): Scenario {
  const isSpread = Number.isFinite(storm.perMs);
  return {
    name: storm.name,
    title: `twice as many clients as may connect, ${isSpread ? `${(storm.perMs * 1_000).toLocaleString("en")} a second` : "all at once"}`,
    settings: (_folder, scale) => ({ maxConnections: scaled(CAPACITY, scale) + WITNESS_CONNECTIONS }),
    maxGrowthBytes: (scale) => 32 * MIB + scaled(CAPACITY, scale) * 2 * 10_240,
    sparesOthers: isSpread,
    needsAllCores: true,
    rehearsedShare: 1, // with fewer clients there is room for all of them
    run: (attack) => run(attack, storm),
  };
}

async function run(attack: Attack, { perMs }: Storm): Promise<string> {
  const { ports, scale, problem } = attack;
  await attack.begin();
  const before = await attack.count();
  const capacity = scaled(CAPACITY, scale);
  const sockets: Socket[] = [];
  const codes: Promise<number | undefined>[] = [];
  await spread(2 * capacity, perMs, (index) => {
    const socket = openSocket(ports.tcp!);
    sockets.push(socket);
    codes.push(connected(socket).then(() => tryConnect(socket, connectBytes(`storm-${index}`))));
  });
  const answers = await Promise.all(codes);
  const [accepted, refused] = [0, QUOTA_EXCEEDED].map((code) => answers.filter((answer) => answer === code).length) as [number, number];
  if (accepted !== capacity || refused !== capacity)
    problem(`of ${2 * capacity} clients ${accepted} came in and ${refused} were told 0x97; half each are expected`);
  const counted = refusedOf(await attack.count()) - refusedOf(before);
  if (counted !== refused) problem(`${refused} were refused, counted are ${counted}`);
  await spread(sockets.length, perMs, (index) => sockets[index]!.destroy());
  await Promise.all(sockets.map(closed));
  await eventually(attack, "only the witnesses are left", ({ connectionsOpen }) => connectionsOpen === WITNESS_CONNECTIONS);
  return `${accepted} came in, ${refused} refused with 0x97`;
}

function refusedOf({ refused }: TargetReport): number {
  return refused[QUOTA_EXCEEDED] ?? 0;
}
