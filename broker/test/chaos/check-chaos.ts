import {
  byTopic,
  checkHistory,
  isAcknowledged,
  matches,
  overtaken,
  shown,
  streamOf,
  twice,
  wrongRetained,
} from "../torture/check-history.js";
import type { Published } from "../torture/history.js";
import type { ChaosHistory, CleanConnection } from "./chaos-history.js";

/** A broker that stood still, or was cut off, lets go of clients that others have so soon after it can. */
const LATEST_SIGN_MS = 3_000;

/** What each broker has retained at the end: by topic, the identifier of the message. */
export type RetainedEverywhere = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Says what brokers together did to their clients that they must not. Sessions that outlive connections are owed as by one broker. A clean
 * session is owed what was acknowledged after its SUBACK while its connection lives; of one that has ended, what is followed by a later message of
 * the same publisher, topic and QoS. Order counts among what was acknowledged: what a publisher left at one broker without an answer may come
 * after what it, in a new session, published at another.
 */
export function checkChaos(history: ChaosHistory, retained: RetainedEverywhere): string[] {
  return [
    ...checkHistory(history, undefined, isAcknowledged),
    ...shown("lost", lostToConnections(history)),
    ...shown("duplicate", repeated(history)),
    ...shown(
      "order",
      alone(history).flatMap(({ name, receipts }) => overtaken(history, receipts, name, isAcknowledged)),
    ),
    ...shown("not subscribed", unasked(history)),
    ...shown("two owners", twoOwners(history)),
    ...shown("retained", retainedProblems(history, retained)),
  ];
}

/** Acknowledged messages that clean sessions have not got. Empty once everything has been delivered. */
export function lostToConnections(history: ChaosHistory): string[] {
  const topics = byTopic([...history.published.values()].filter(isAcknowledged));
  return [...alone(history).flatMap((each) => lostTo(each, topics, history)), ...lostToGroups(topics, history)];
}

export function retainedProblems(history: ChaosHistory, retained: RetainedEverywhere): string[] {
  return [...retained].flatMap(([broker, atEnd]) => wrongRetained(history, atEnd).map((problem) => `${broker}: ${problem}`));
}

function alone({ connections }: ChaosHistory): CleanConnection[] {
  return connections.filter(({ group }) => group === undefined);
}

function lostTo(connection: CleanConnection, topics: ReadonlyMap<string, Published[]>, history: ChaosHistory): string[] {
  const { name, filter, qos, heldAt, endedAt, receipts } = connection;
  if (qos === 0 || heldAt === undefined) return [];
  const got = new Set(receipts.map(({ id }) => id));
  const last = new Map<string, number>();
  for (const id of got) {
    const message = history.published.get(id);
    if (message !== undefined) last.set(streamOf(message), Math.max(message.number, last.get(streamOf(message)) ?? 0));
  }
  const isOwed = (message: Published) =>
    heldAt < message.sentAt && (endedAt === undefined || message.number < (last.get(streamOf(message)) ?? 0));
  return [...topics].flatMap(([topic, messages]) => {
    if (!matches(filter, topic)) return [];
    return messages
      .filter((message) => !got.has(message.id) && isOwed(message))
      .map((message) => `${named(message)} never came to ${name}`);
  });
}

/**
 * Of groups without lasting members, which may have had no members for a while: owed is what was published after the brokers knew that the last that went was gone. What is
 * owed to the others is a matter of their lasting members.
 */
function lostToGroups(topics: ReadonlyMap<string, Published[]>, history: ChaosHistory): string[] {
  const found: string[] = [];
  const lasting = new Set(history.subscribers.flatMap(({ periods }) => periods.map(({ group }) => group)));
  for (const [group, members] of groupsOf(history)) {
    if (lasting.has(group)) continue;
    const living = members.filter(({ endedAt, heldAt, qos }) => endedAt === undefined && heldAt !== undefined && qos > 0);
    if (living.length === 0) continue;
    const knownGone = members.map(({ endedAt, goneAt }) => (endedAt === undefined ? 0 : (goneAt ?? Number.POSITIVE_INFINITY)));
    const from = Math.max(...knownGone, Math.min(...living.map(({ heldAt }) => heldAt!)));
    const got = new Set(members.flatMap(({ receipts }) => receipts.map(({ id }) => id)));
    for (const [topic, messages] of topics) {
      if (!matches(living[0]!.filter, topic)) continue;
      for (const message of messages)
        if (message.sentAt > from && !got.has(message.id)) found.push(`${named(message)} never came to ${group}`);
    }
  }
  return found;
}

function repeated(history: ChaosHistory): string[] {
  return alone(history).flatMap((connection) => twice([connection], connection.name));
}

function groupsOf({ connections }: ChaosHistory): Map<string, CleanConnection[]> {
  const groups = new Map<string, CleanConnection[]>();
  for (const connection of connections) {
    if (connection.group === undefined) continue;
    const members = groups.get(connection.group);
    if (members === undefined) groups.set(connection.group, [connection]);
    else members.push(connection);
  }
  return groups;
}

function unasked({ connections, published }: ChaosHistory): string[] {
  return connections.flatMap(({ name, filter, receipts }) =>
    receipts.flatMap(({ id }) => {
      const message = published.get(id);
      if (message === undefined) return [`${id} came to ${name}, and nobody published it`];
      return matches(filter, message.topic) ? [] : [`${id} came to ${name}`];
    }),
  );
}

function twoOwners({ lateSigns }: ChaosHistory): string[] {
  return lateSigns
    .filter(({ lateMs }) => lateMs > LATEST_SIGN_MS)
    .map(
      ({ clientId, lateMs }) =>
        `an older connection of ${clientId} was served ${Math.round(lateMs)} ms after another broker had accepted it`,
    );
}

function named({ id, qos, topic }: Published): string {
  return `${id} (QoS ${qos}, to ${topic})`;
}
