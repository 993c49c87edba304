import type { Row } from "./row.js";

/** Keeps rows somewhere, in groups: what stores need of a journal. */
export interface RowLog {
  /** The row has changed: the next group will have it. */
  touch(row: Row): void;
  /** As `MessageStore.commit`. */
  commit(): Promise<void> | undefined;
}
