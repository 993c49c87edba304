import { createConnection, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Script, Transport } from "./script.js";
import { within } from "./within.js";

export type Ports = Readonly<Record<Transport, number>>;

/** How long an attacker waits for an answer, or for a broker that may but need not close. */
const PATIENCE_MS = 300;
/** How long a silent or deaf attacker stays: above the target's CONNECT limit and the shortest Keep Alive, 1 s each. */
const SILENT_MS = 3_000;
/** A broker that has not closed so long after it was told FIN has forgotten the connection. */
const FORGOTTEN_MS = 20_000;

/** Plays a script over a socket of its own. Resolves with what the broker did wrong, or undefined. */
export async function attack(ports: Ports, script: Script): Promise<string | undefined> {
  const socket = createConnection({ host: "127.0.0.1", port: ports[script.transport], noDelay: true });
  let connectError: Error | undefined;
  let isClosed = false;
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => {
      isClosed = true;
      resolve();
    });
  });
  const connected = new Promise<void>((resolve) => socket.once("connect", resolve));
  const answered = new Promise<void>((resolve) => socket.once("data", () => resolve()));
  socket.on("error", (error) => {
    if ((error as NodeJS.ErrnoException).syscall === "connect") connectError = error;
  });
  await Promise.race([connected, closed]);
  if (connectError !== undefined) return `attacker ${script.number} could not connect: ${connectError.message}`;

  if (script.isDeaf) socket.pause();
  let waits = script.waitsForAnswer && !script.isDeaf;
  for (const chunk of script.chunks) {
    if (isClosed) return undefined;
    socket.write(chunk);
    if (waits) await within(Promise.race([answered, closed]), PATIENCE_MS);
    else await nextTurn();
    waits = false;
  }
  return leave(socket, closed, script);
}

async function leave(socket: Socket, closed: Promise<void>, { number, ending, isDeaf }: Script): Promise<string | undefined> {
  if (ending === "silent" || ending === "wait" || isDeaf) await within(closed, ending === "silent" ? SILENT_MS : PATIENCE_MS);
  if (ending === "fin" && !isDeaf) {
    socket.end();
    if (await within(closed, FORGOTTEN_MS)) return undefined;
    socket.destroy();
    return `attacker ${number} said FIN, and the broker has not closed the connection ${FORGOTTEN_MS / 1000} s later`;
  }
  if (ending === "reset") socket.resetAndDestroy();
  else socket.destroy();
  await closed;
  return undefined;
}
