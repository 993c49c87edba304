import { EngineForbiddenError, EngineUnavailableError } from "./engine-errors.js";

/** What the server, or who answers, sent back. */
export interface Answer {
  readonly bytes: Uint8Array;
  /** Nobody has subscribed to the subject of the request. */
  readonly isWithoutListener: boolean;
}

interface Call {
  readonly subject: string;
  readonly deadlineMs: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: EngineUnavailableError) => void;
}

/** How late a call may be given up after its time limit. */
const SWEEP_MS = 100;

/** Calls that wait for their answer, each under a number of its own, with one timer for all. */
export class PendingCalls {
  readonly #calls = new Map<string, Call>();
  readonly #most: number;
  #next = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** Makes a call; `send` gets its token and sends it on its way. Rejects with an EngineUnavailableError when the time is over. */
  make(subject: string, timeLimitMs: number, send: (token: string) => void): Promise<Answer> {
    if (this.#calls.size >= this.#most) {
      const message = `${this.#most} calls wait for NATS already`;
      return Promise.reject(new EngineUnavailableError(message, { isOutcomeUnknown: false }));
    }
    return new Promise((resolve, reject) => {
      const token = (this.#next++).toString(36);
      send(token);
      this.#calls.set(token, { subject, deadlineMs: performance.now() + timeLimitMs, resolve, reject });
      this.#timer ??= setInterval(() => this.#sweep(), SWEEP_MS);
    });
  }

  answer(token: string, answer: Answer): void {
    const call = this.#calls.get(token);
    if (call === undefined) return; // given up meanwhile
    this.#delete(token);
    call.resolve(answer);
  }

  /** No call will be answered, though it may have been heard. */
  fail(why: string): void {
    for (const [token, call] of this.#calls) {
      this.#delete(token);
      call.reject(new EngineUnavailableError(`${call.subject}: ${why}`, { isOutcomeUnknown: true }));
    }
  }

  /** The user may not publish to a subject; all calls without one. */
  forbid(why: string, subject?: string): void {
    for (const [token, call] of this.#calls) {
      if (subject !== undefined && call.subject !== subject) continue;
      this.#delete(token);
      call.reject(new EngineForbiddenError(why));
    }
  }

  #sweep(): void {
    const now = performance.now();
    for (const [token, { deadlineMs, subject, reject }] of this.#calls) {
      if (deadlineMs > now) continue;
      this.#delete(token);
      reject(new EngineUnavailableError(`${subject}: NATS did not answer in time`, { isOutcomeUnknown: true }));
    }
  }

  #delete(token: string): void {
    this.#calls.delete(token);
    if (this.#calls.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
