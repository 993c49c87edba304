import { closed, connectBytes, connected, openSocket, spread, tryConnect } from "./crowd.js";
import { type Attack, eventually, MIB, type Scenario } from "./scenario.js";

const RATE_EXCEEDED = 0x9f;

/** As many a second as a broker lets in on which others are to notice nothing, and four times as many. */
export const lowConnectRate = atTwice({ name: "low-connect-rate", rate: 250, forSeconds: 20 });
export const connectRate = atTwice({ name: "connect-rate", rate: 1_000, forSeconds: 10, needsAllCores: true });

interface Storm {
  readonly name: string;
  /** Clients a second that are let in; twice as many come. */
  readonly rate: number;
  readonly forSeconds: number;
  readonly needsAllCores?: true;
}

function atTwice(storm: Storm): Scenario {
  const { name, rate, needsAllCores } = storm;
  return {
    name,
    title: `clients come at twice the ${rate.toLocaleString("en")} a second that are let in`,
    settings: () => ({ limits: { maxConnectRate: rate } }),
    maxGrowthBytes: () => 48 * MIB,
    sparesOthers: true,
    ...(needsAllCores && { needsAllCores }),
    run: (attack) => run(attack, storm),
  };
}

async function run(attack: Attack, { rate, forSeconds }: Storm): Promise<string> {
  const { ports, scale, problem } = attack;
  await attack.begin();
  const before = await attack.count();
  const codes = new Map<number | undefined, number>();
  const clients: Promise<void>[] = [];
  const startMs = performance.now();
  await spread(2 * rate * Math.max(2, forSeconds * scale), (2 * rate) / 1_000, (index) => clients.push(client(ports.tcp!, index, codes)));
  const seconds = (performance.now() - startMs) / 1_000;
  await Promise.all(clients);
  const [accepted, refused] = [codes.get(0) ?? 0, codes.get(RATE_EXCEEDED) ?? 0];
  // The bucket was full when they began.
  if (accepted > rate * (seconds + 2)) problem(`${accepted} clients came in within ${seconds.toFixed(1)} s`);
  if (accepted < rate * seconds * 0.8) problem(`only ${accepted} clients came in within ${seconds.toFixed(1)} s`);
  if (refused === 0 || accepted + refused !== clients.length) problem(`CONNACKs by reason code: ${JSON.stringify([...codes])}`);
  await eventually(attack, "all are gone", ({ connectionsOpen }) => connectionsOpen === before.connectionsOpen);
  return `${accepted} came in, ${refused} told 0x9F`;
}

async function client(port: number, index: number, codes: Map<number | undefined, number>): Promise<void> {
  const socket = openSocket(port);
  await connected(socket);
  const code = await tryConnect(socket, connectBytes(`rate-${index}`));
  codes.set(code, (codes.get(code) ?? 0) + 1);
  socket.resetAndDestroy();
  await closed(socket);
}
