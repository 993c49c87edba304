import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Clock } from "../../src/clock.js";
import type { StoreError } from "../../src/journal/store-error.js";
import type { Log } from "../../src/log.js";
import { DurableStore, type DurableStoreOptions } from "../../src/persistence/durable-store.js";
import { RecordingLog } from "../log/recording-log.js";
import { SettableClock } from "../support/settable-clock.js";

/** An empty folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "mqttd-store-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export type TestStoreOptions = Partial<Omit<DurableStoreOptions, "directory">> & { readonly clock?: Clock; readonly log?: Log };

/** Small files, so that tests go through many of them. */
export const SMALL = { segmentBytes: 64 * 1024, compactBytes: 100 * 1024, retryMs: 5 } as const;

/** A store that is open and closes with the test. */
export async function openStore(directory: string, options: TestStoreOptions = {}): Promise<DurableStore> {
  const store = new DurableStore({ ...SMALL, log: new RecordingLog(), clock: new SettableClock(), ...options, directory });
  await store.open();
  onTestFinished(() => store.close().catch(() => {}));
  return store;
}

/** What opening the store says that is wrong. */
export async function refusal(directory: string, options: TestStoreOptions = {}): Promise<string> {
  const problem = await openStore(directory, options).then(
    () => undefined,
    (error: StoreError) => error,
  );
  if (problem === undefined) throw new Error("the store was opened");
  return problem.message;
}
