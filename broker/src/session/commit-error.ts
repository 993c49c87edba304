/** Codes of errors that say that there is no more room, of the system and of what is built on it. */
const NO_ROOM = new Set(["ENOSPC", "EDQUOT", "SQLITE_FULL", "MDB_MAP_FULL"]);

/** A store could not make durable what it was given; `cause` says why. */
export class CommitError extends Error {
  override readonly name = "CommitError";

  constructor(cause: unknown) {
    super("what was changed could not be made durable", { cause });
  }

  /** Whether more room would help: on the disk, or in the quota. */
  get isForWantOfRoom(): boolean {
    for (let error: unknown = this.cause; error instanceof Error; error = error.cause) {
      if (NO_ROOM.has(String((error as NodeJS.ErrnoException).code))) return true;
    }
    return false;
  }
}
