/** What a broker does as its last things. */
export type Step = () => Promise<unknown> | undefined;

/**
 * Does one step after the other, also those after one that failed or that takes too long: what is left is to be closed whatever went wrong
 * before.
 *
 * @throws the first error, once all are done
 */
export async function inTurn(steps: readonly Step[], withinMs: number): Promise<void> {
  const endsAtMs = Date.now() + withinMs;
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      await inTime(step(), Math.max(0, endsAtMs - Date.now()));
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

async function inTime(done: Promise<unknown> | undefined, milliseconds: number): Promise<void> {
  if (done === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("what was accepted could not be stored in time")), milliseconds);
  });
  try {
    await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}
