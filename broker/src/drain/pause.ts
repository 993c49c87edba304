import type { Clock } from "../clock.js";

/** Resolves after a time, at once if it is none. */
export function pause(milliseconds: number, clock: Clock): Promise<void> {
  if (milliseconds === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = clock.every(milliseconds, () => {
      stop();
      resolve();
    });
  });
}
