import type { Session } from "../../session/session.js";
import type { AdminBroker } from "../admin-broker.js";
import { Problem } from "../problem.js";

/**
 * The session of a client that a path names.
 *
 * @throws Problem 404
 */
export function sessionOf(broker: AdminBroker, { clientid = "" }: Readonly<Record<string, string>>): Session {
  const session = broker.sessions.get(clientid);
  if (session === undefined) throw new Problem(404, "there is no such client");
  return session;
}
