import { closed, connectBytes, connected, each, openSocket, subscribeBytes, tryConnect } from "./crowd.js";
import { type Attack, eventually, MIB, type Scenario, scaled } from "./scenario.js";

const CONNECTIONS = 1_000_000;
const AT_A_TIME = 200;
const PARTS = 5;
/** From the end of the first part to the lowest of the later ones. */
const MAX_HEAP_GROWTH_BYTES = 3 * MIB;

export const churn: Scenario = {
  name: "churn",
  title: "1,000,000 clients that connect, subscribe and go",
  settings: () => ({}),
  maxGrowthBytes: () => 96 * MIB,
  sparesOthers: false,
  needsAllCores: true,
  rehearsedShare: 0,
  async run(attack: Attack) {
    const { ports, scale, problem } = attack;
    const { connectionsOpen: before } = await attack.report();
    await attack.begin();
    const count = scaled(CONNECTIONS, scale);
    const heap: number[] = [];
    for (let part = 0; part < PARTS; part++) {
      await each(Math.ceil(count / PARTS), AT_A_TIME, async (index) => {
        const number = part * Math.ceil(count / PARTS) + index;
        const socket = openSocket(ports.tcp!);
        await connected(socket);
        const code = await tryConnect(socket, connectBytes(`churn-${number}`));
        if (code !== 0) problem(`client ${number} was told ${code}`);
        await tryConnect(socket, subscribeBytes(`churn/${number}/#`));
        // With a reset, so that no port waits in TIME_WAIT.
        socket.resetAndDestroy();
        await closed(socket);
      });
      await eventually(attack, "the clients of this part are gone", ({ connectionsOpen }) => connectionsOpen === before);
      heap.push((await attack.report()).heapBytes);
    }
    const growth = Math.min(...heap.slice(1)) - heap[0]!;
    if (growth > MAX_HEAP_GROWTH_BYTES) problem(`the heap grew by ${(growth / MIB).toFixed(1)} MiB over ${count} connections`);
    return `heap in MiB after each fifth: ${heap.map((bytes) => (bytes / MIB).toFixed(1)).join(" ")}`;
  },
};
