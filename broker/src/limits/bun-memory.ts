/** What Bun has about its memory; Node sees to its own. Not in all versions of Bun. */
interface BunMemory {
  gc(now: boolean): void;
  /** Collects garbage and lets go of code, as soon as nothing runs. */
  shrink?(): void;
  readonly unsafe?: {
    /** How many times as often as usual code is to run before it is compiled. */
    setJITPolicy?(scale: number): void;
  };
}

export const bunMemory = (globalThis as { readonly Bun?: BunMemory }).Bun;

/** From here on code is compiled as soon as it pays. Before, since the first line of the bundle, it is not: most of a start runs once. */
export function compileAsUsual(): void {
  bunMemory?.unsafe?.setJITPolicy?.(1);
}
