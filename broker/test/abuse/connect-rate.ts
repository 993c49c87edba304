import { closed, connectBytes, connected, openSocket, tryConnect } from "./crowd.js";
import { type Attack, eventually, MIB, type Scenario } from "./scenario.js";

const RATE = 250;
const SECONDS = 20;
const EVERY_MS = 1;
const RATE_EXCEEDED = 0x9f;

export const connectRate: Scenario = {
  name: "connect-rate",
  title: `clients come at twice the ${RATE.toLocaleString("en")} a second that are let in`,
  settings: () => ({ limits: { maxConnectRate: RATE } }),
  maxGrowthBytes: () => 48 * MIB,
  sparesOthers: true,
  async run(attack: Attack) {
    const { ports, scale, problem } = attack;
    await attack.begin();
    const before = await attack.count();
    const seconds = Math.max(2, SECONDS * scale);
    const codes = new Map<number | undefined, number>();
    const clients: Promise<void>[] = [];
    const start = performance.now();
    for (let due = 0; performance.now() - start < seconds * 1000; ) {
      for (due = 2 * RATE * ((performance.now() - start) / 1000); clients.length < due; )
        clients.push(client(ports.tcp!, clients.length, codes));
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    await Promise.all(clients);
    const [accepted, refused] = [codes.get(0) ?? 0, codes.get(RATE_EXCEEDED) ?? 0];
    // The bucket was full when they began.
    if (accepted > RATE * (seconds + 2)) problem(`${accepted} clients came in within ${seconds} s`);
    if (accepted < RATE * seconds * 0.8) problem(`only ${accepted} clients came in within ${seconds} s`);
    if (refused === 0 || accepted + refused !== clients.length) problem(`CONNACKs by reason code: ${JSON.stringify([...codes])}`);
    await eventually(attack, "all are gone", ({ connectionsOpen }) => connectionsOpen === before.connectionsOpen);
    return `${accepted} came in, ${refused} told 0x9F`;
  },
};

async function client(port: number, index: number, codes: Map<number | undefined, number>): Promise<void> {
  const socket = openSocket(port, index);
  await connected(socket);
  const code = await tryConnect(socket, connectBytes(`rate-${index}`));
  codes.set(code, (codes.get(code) ?? 0) + 1);
  socket.resetAndDestroy();
  await closed(socket);
}
