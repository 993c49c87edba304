import type { Connection } from "../connection/connection.js";
import { refusalOf } from "../connection/refusal.js";
import type { Core } from "./core.js";

/** What a client has changed of its subscriptions holds until the broker ends, and may not after: it is not told that it does, and has to ask again. */
export function notStored(core: Core, connection: Connection, error: unknown): void {
  core.reportFailure(error);
  connection.close(refusalOf(error), "subscriptions could not be stored");
}
