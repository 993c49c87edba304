import { Moment } from "./moment.js";

/** A client could not be made ours. */
export class ClaimError extends Error {
  override readonly name = "ClaimError";

  constructor(
    readonly clientId: string,
    why: string,
  ) {
    super(`client ${JSON.stringify(clientId)} could not be claimed: ${why}`);
  }
}

/** Why the loser of a race is refused. */
export const SUPERSEDED = "another broker has claimed it since";

/** A claim on its way: first it is written, then the owner before hands over. */
export class PendingClaim {
  readonly clientId: string;
  readonly #deadlineMs: number;
  readonly #settled = new Moment();
  readonly #givenUp = new Moment();
  readonly #written = new Moment();
  #sequence: number | undefined;
  #supersededBefore = 0;

  constructor(clientId: string, deadlineMs: number) {
    this.clientId = clientId;
    this.#deadlineMs = deadlineMs;
  }

  /** Of the claim in its stream, once written. */
  get sequence(): number | undefined {
    return this.#sequence;
  }

  get isSuperseded(): boolean {
    return this.#sequence !== undefined && this.#sequence < this.#supersededBefore;
  }

  get isLate(): boolean {
    return this.#givenUp.hasCome || performance.now() >= this.#deadlineMs;
  }

  written(sequence: number): void {
    this.#sequence = sequence;
    // Whoever came after it asks everybody that this claim would have waited for.
    if (this.isSuperseded) this.giveUp();
    this.#written.come();
  }

  settle(): void {
    this.#settled.come();
  }

  giveUp(): void {
    this.#givenUp.come();
  }

  /**
   * A peer has claimed with that sequence. Resolves when this claim is over if it was written before, at once if it is written after: which
   * of the two may not be known yet, as the peer's request may come before the answer to our own claim.
   */
  async supersede(beforeSequence: number): Promise<void> {
    this.#supersededBefore = Math.max(this.#supersededBefore, beforeSequence);
    if (this.#sequence === undefined) await Promise.race([this.#written.wait(), this.#settled.wait()]);
    if (this.isSuperseded) this.giveUp();
    if (this.#sequence !== undefined && this.#sequence < beforeSequence) await this.#settled.wait();
  }

  /** As `work`, unless it takes longer than the claim may. */
  async inTime<T>(work: T | Promise<T>): Promise<T> {
    if (!(work instanceof Promise)) return work;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const tooLate = () => reject(new ClaimError(this.clientId, this.isSuperseded ? SUPERSEDED : "it took too long"));
      timer = setTimeout(tooLate, this.#leftMs);
      void this.#givenUp.wait().then(tooLate);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Resolves after that time, or when the claim is late. */
  async pause(milliseconds: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(milliseconds, this.#leftMs));
    });
    await Promise.race([over, this.#givenUp.wait()]);
    clearTimeout(timer);
  }

  get #leftMs(): number {
    return Math.max(0, this.#deadlineMs - performance.now());
  }
}
