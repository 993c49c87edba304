import { onTestFinished } from "vitest";
import type { Clock } from "../../src/clock.js";
import { createListener } from "../../src/transport/create-listener.js";
import type { Listener, ListenerOptions } from "../../src/transport/listener.js";
import type { Socket, SocketReceiver } from "../../src/transport/socket.js";

/** What a test does with the accepted side of a connection; what is left out does nothing. */
export interface Behaviour {
  onAccept?(socket: Socket): void;
  onData?(socket: Socket, bytes: Uint8Array): void;
  onDrain?(socket: Socket): void;
}

/** The accepted side of one connection, and what it was told. */
export class Accepted implements SocketReceiver {
  readonly socket: Socket;
  readonly #behaviour: Behaviour;
  readonly received: Buffer[] = [];
  receivedBytes = 0;
  drains = 0;
  readonly closes: (Error | undefined)[] = [];

  constructor(socket: Socket, behaviour: Behaviour) {
    this.socket = socket;
    this.#behaviour = behaviour;
  }

  onData(bytes: Uint8Array): void {
    this.received.push(Buffer.from(bytes));
    this.receivedBytes += bytes.length;
    this.#behaviour.onData?.(this.socket, bytes);
  }

  onDrain(): void {
    this.drains++;
    this.#behaviour.onDrain?.(this.socket);
  }

  onClose(error: Error | undefined): void {
    this.closes.push(error);
  }
}

export interface TestListener {
  readonly listener: Listener;
  readonly port: number;
  readonly accepted: Accepted[];
  /** Reasons of handshakes that failed. */
  readonly failures: { reason: string; remoteAddress: string }[];
}

const DEFAULTS = { name: "test", host: "127.0.0.1", port: 0, backlog: 511 };

/** A listener on a free port that stops, and closes what it accepted, when the test ends. */
export async function startListener(options: Partial<ListenerOptions>, behaviour: Behaviour = {}, clock?: Clock): Promise<TestListener> {
  const accepted: Accepted[] = [];
  const failures: TestListener["failures"] = [];
  const listener = createListener(
    { ...DEFAULTS, ...options },
    (socket) => {
      const one = new Accepted(socket, behaviour);
      accepted.push(one);
      behaviour.onAccept?.(socket);
      return one;
    },
    (_, reason, remoteAddress) => failures.push({ reason, remoteAddress }),
    clock,
  );
  await listener.start();
  onTestFinished(async () => {
    await listener.stop();
    for (const { socket } of accepted) socket.destroy();
  });
  return { listener, port: listener.address.port, accepted, failures };
}

/** Returns when `condition` holds. The test's own time limit is the only one. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** The only connection that was accepted, once it has been. */
export async function onlyAccepted({ accepted }: TestListener): Promise<Accepted> {
  await until(() => accepted.length > 0);
  return accepted[0]!;
}
