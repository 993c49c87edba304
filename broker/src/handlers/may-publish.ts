import type { Authorizer, Decision } from "../auth/authorizer.js";
import type { Qos } from "../codec/packet.js";
import type { Connection } from "../connection/connection.js";
import { PublishRights } from "../connection/publish-rights.js";
import { failedToDecide } from "./authorize.js";
import type { Core } from "./core.js";

/**
 * Whether the client of a connection may publish a message. Runs for every message: what the client was told before is known without asking.
 */
export function mayPublish(core: Core, connection: Connection, topic: string, qos: Qos, retain: boolean): boolean | Promise<boolean> {
  const session = connection.session!;
  const authorizer = core.authorization.authorizerFor(session);
  if (authorizer === null) return true;
  connection.publishRights ??= new PublishRights();
  const rights = connection.publishRights;
  if (rights.holds(core.authorization.generation, session.rules, core.clock)) {
    const known = rights.recall(topic, qos, retain);
    if (known !== undefined) return known;
  }
  return ask(core, connection, authorizer, rights, topic, qos, retain);
}

function ask(
  core: Core,
  connection: Connection,
  authorizer: Authorizer,
  rights: PublishRights,
  topic: string,
  qos: Qos,
  retain: boolean,
): boolean | Promise<boolean> {
  const session = connection.session!;
  const { generation } = core.authorization;
  const { cacheSeconds = Number.POSITIVE_INFINITY } = authorizer;
  const untilMs = cacheSeconds === Number.POSITIVE_INFINITY ? cacheSeconds : core.clock.now() + cacheSeconds * 1000;
  const take = (decision: Decision) => {
    const allowed = decision === true;
    if (generation !== core.authorization.generation) return allowed; // this once
    rights.holds(generation, session.rules, core.clock);
    rights.remember(topic, qos, retain, allowed, untilMs);
    return allowed;
  };
  const refuse = (error: unknown) => failedToDecide(core, error); // not remembered: it may go well the next time
  try {
    const answer = authorizer.mayPublish(session, topic, qos, retain);
    return answer instanceof Promise ? answer.then(take, refuse) : take(answer);
  } catch (error) {
    return refuse(error);
  }
}
