/** Between attempts, in milliseconds. */
const RETRY_MS = 250;

/**
 * Resolves when what was changed is durable, however often that fails: `commit` tries again. Failures are reported where they happen. Resolves
 * without it once it `isOver`.
 */
export async function untilDurable(
  first: Promise<unknown>,
  commit: () => Promise<unknown> | undefined,
  isOver: () => boolean,
): Promise<void> {
  first.catch(() => {}); // if it is over already, nobody looks at it
  for (let group: Promise<unknown> | undefined = first; group !== undefined && !isOver(); group = commit()) {
    try {
      await group;
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
