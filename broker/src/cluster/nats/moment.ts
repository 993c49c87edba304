/** Something that comes once, and that others may wait for. Costs next to nothing as long as nobody does. */
export class Moment {
  #promise: Promise<void> | undefined;
  #resolve: (() => void) | undefined;
  hasCome = false;

  come(): void {
    this.hasCome = true;
    this.#resolve?.();
  }

  /** Resolves when it has come. */
  wait(): Promise<void> {
    this.#promise ??= this.hasCome
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#resolve = resolve;
        });
    return this.#promise;
  }
}
