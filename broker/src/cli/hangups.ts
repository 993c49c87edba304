import type { ProcessEvents } from "./ending.js";

/** Has the settings read again at SIGHUP, or when somebody else asks; one that comes before there is a broker is answered once there is. */
export class Hangups {
  readonly #stop: () => void;
  #reload: (() => Promise<unknown>) | undefined;
  #isRunning = false;
  /** Came meanwhile; however many did, reading once more is enough. */
  #isWaiting = false;

  constructor(events: ProcessEvents) {
    const listener = () => this.ask();
    events.on("SIGHUP", listener);
    this.#stop = () => events.off("SIGHUP", listener);
  }

  /** From now on. What `reload` rejects with has been logged by the broker, which goes on as before. */
  answerBy(reload: () => Promise<unknown>): void {
    this.#reload = reload;
    if (this.#isWaiting) this.ask();
  }

  /** Leaves the signal to others again. */
  ignore(): void {
    this.#stop();
  }

  /** As SIGHUP does. */
  ask(): void {
    this.#isWaiting = true;
    if (this.#reload === undefined || this.#isRunning) return;
    this.#isWaiting = false;
    this.#isRunning = true;
    const next = () => {
      this.#isRunning = false;
      if (this.#isWaiting) this.ask();
    };
    this.#reload().then(next, next);
  }
}
