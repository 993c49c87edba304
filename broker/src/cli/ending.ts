import type { Log } from "../log.js";
import { EXIT } from "./terminal.js";

/** Where signals and errors that nobody caught come from; `process` is one. */
export interface ProcessEvents {
  on(event: string, listener: (cause: unknown) => void): unknown;
  off(event: string, listener: (cause: unknown) => void): unknown;
}

/**
 * What ends the broker: the first SIGTERM or SIGINT lets clients go in peace, a second one ends at once. An error that nobody caught ends it at
 * once too: what state it left behind is not known, and whoever started the broker starts it again.
 */
export class Ending {
  /** The first signal. */
  readonly asked: Promise<string>;
  /** The exit code, when there is no time for more. */
  readonly atOnce: Promise<number>;
  readonly #stop: () => void;

  constructor(events: ProcessEvents, log: Log) {
    const { promise: asked, resolve: ask } = open<string>();
    const { promise: atOnce, resolve: endAtOnce } = open<number>();
    let signals = 0;
    const signalled = (signal: string) => () => {
      if (++signals === 1) return ask(signal);
      log.warn({ signal }, "asked again, ending at once");
      endAtOnce(EXIT.failure);
    };
    const failed = (error: unknown) => {
      log.fatal({ err: error }, "an error that nobody caught");
      endAtOnce(EXIT.failure);
    };
    const listeners: Readonly<Record<string, (cause: unknown) => void>> = {
      SIGTERM: signalled("SIGTERM"),
      SIGINT: signalled("SIGINT"),
      uncaughtException: failed,
      unhandledRejection: failed,
    };
    for (const [event, listener] of Object.entries(listeners)) events.on(event, listener);
    this.asked = asked;
    this.atOnce = atOnce;
    this.#stop = () => {
      for (const [event, listener] of Object.entries(listeners)) events.off(event, listener);
    };
  }

  /** Leaves signals and errors to others again. */
  ignore(): void {
    this.#stop();
  }
}

/** A promise that is resolved from outside. `Promise.withResolvers` is not in Node 20. */
function open<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
