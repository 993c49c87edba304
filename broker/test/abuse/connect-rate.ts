import { closed, connectBytes, connected, openSocket, tryConnect } from "./crowd.js";
import { type Attack, eventually, MIB, type Scenario } from "./scenario.js";

const RATE_EXCEEDED = 0x9f;

/** As many a second as a broker lets in on which others are to notice nothing, and four times as many. */
export const lowConnectRate = atTwice({ name: "low-connect-rate", rate: 250, forSeconds: 20, everyMs: 1 });
export const connectRate = atTwice({ name: "connect-rate", rate: 1_000, forSeconds: 10, everyMs: 10, needsAllCores: true });

interface Storm {
  readonly name: string;
  /** Clients a second that are let in; twice as many come, some every so many milliseconds. */
  readonly rate: number;
  readonly forSeconds: number;
  readonly everyMs: number;
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

async function run(attack: Attack, { rate, forSeconds, everyMs }: Storm): Promise<string> {
  const { ports, scale, problem } = attack;
  await attack.begin();
  const before = await attack.count();
  const seconds = Math.max(2, forSeconds * scale);
  const codes = new Map<number | undefined, number>();
  const clients: Promise<void>[] = [];
  const start = performance.now();
  for (let due = 0; performance.now() - start < seconds * 1000; ) {
    for (due = 2 * rate * ((performance.now() - start) / 1000); clients.length < due; )
      clients.push(client(ports.tcp!, clients.length, codes));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  await Promise.all(clients);
  const [accepted, refused] = [codes.get(0) ?? 0, codes.get(RATE_EXCEEDED) ?? 0];
  // The bucket was full when they began.
  if (accepted > rate * (seconds + 2)) problem(`${accepted} clients came in within ${seconds} s`);
  if (accepted < rate * seconds * 0.8) problem(`only ${accepted} clients came in within ${seconds} s`);
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
