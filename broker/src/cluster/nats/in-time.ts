import { PeerError } from "./peer-error.js";

/** What `work` gives, or what there is after that time. */
export async function within(milliseconds: number, work: Promise<void> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

/** Rejects when it takes longer. */
export async function inTime(milliseconds: number, work: () => Promise<void>): Promise<void> {
  let isDone = false;
  await within(
    milliseconds,
    work().then(() => {
      isDone = true;
    }),
  );
  if (!isDone) throw new PeerError(`what the cluster has in common could not be read from NATS within ${milliseconds / 1_000} s`);
}
