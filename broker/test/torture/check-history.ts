import type { History, Published, Receipt, SubscriberRecord, SubscriptionPeriod } from "./history.js";

/** What is retained at the end: by topic, the identifier of its message. */
export type RetainedAtEnd = ReadonlyMap<string, string>;

interface Receiver {
  readonly name: string;
  readonly receipts: readonly Receipt[];
}

/** Of one kind of problem, this many are told. */
const SHOWN = 10;

/**
 * Says what a broker did to its clients that it must not: messages that it acknowledged and did not deliver, at QoS 2 those that came twice,
 * out of order, without a subscription; retained messages and wills that are not what they have to be. `isOrdered` says for which messages the
 * order counts; for all, unless given.
 */
export function checkHistory(
  history: History,
  retained?: RetainedAtEnd,
  isOrdered: (message: Published) => boolean = () => true,
): string[] {
  const problems = [
    ...shown("violation", history.violations),
    ...shown("lost", lost(history)),
    ...shown("duplicate", duplicates(history)),
    ...shown("order", outOfOrder(history, isOrdered)),
    ...shown("not subscribed", unasked(history)),
    ...shown("will", wrongWills(history)),
    ...(retained === undefined ? [] : shown("retained", wrongRetained(history, retained))),
  ];
  return problems;
}

/** Acknowledged messages that subscribers have not got. Empty once everything has been delivered. */
export function lost(history: History): string[] {
  const found: string[] = [];
  const groups = new Map<string, Set<string>>();
  for (const { periods, receipts } of history.subscribers) {
    for (const { group } of periods) {
      if (group === undefined) continue;
      const ids = groups.get(group) ?? new Set();
      groups.set(group, ids);
      for (const { id } of receipts) ids.add(id);
    }
  }
  const clean = history.cleanMembers;
  for (const { group, receipts } of clean) for (const { id } of receipts) groups.get(group)?.add(id);
  const topics = byTopic([...history.published.values()].filter(isAcknowledged));
  for (const { name, periods, receipts } of history.subscribers) {
    const own = new Set(receipts.map(({ id }) => id));
    for (const [topic, messages] of topics) {
      for (const period of periods) {
        if (period.qos === 0 || !matches(period.filter, topic)) continue;
        const got = period.group === undefined ? own : groups.get(period.group)!;
        for (const message of messages) {
          if (got.has(message.id) || !isOwed(period, message)) continue;
          if (clean.some((member) => member.group === period.group && member.mayLack(message))) continue;
          found.push(`${message.id} (QoS ${message.qos}, to ${topic}) never came to ${period.group ?? name}`);
        }
      }
    }
  }
  return [...new Set(found)];
}

export function isAcknowledged({ qos, ackedAt, refusedAt, isEmpty }: Published): boolean {
  return qos > 0 && ackedAt !== undefined && refusedAt === undefined && !isEmpty;
}

export function byTopic(messages: readonly Published[]): Map<string, Published[]> {
  const topics = new Map<string, Published[]>();
  for (const message of messages) {
    const same = topics.get(message.topic);
    if (same === undefined) topics.set(message.topic, [message]);
    else same.push(message);
  }
  return topics;
}

/** Whether a message was published and taken over while the subscription certainly was there. */
function isOwed({ heldAt, givenUpAt }: SubscriptionPeriod, { sentAt, ackedAt }: Published): boolean {
  return heldAt !== undefined && heldAt < sentAt && (givenUpAt === undefined || ackedAt! < givenUpAt);
}

function duplicates(history: History): string[] {
  const receivers = new Map<string, Receiver[]>();
  const add = (name: string, record: Receiver) => {
    const same = receivers.get(name);
    if (same === undefined) receivers.set(name, [record]);
    else same.push(record);
  };
  for (const record of history.subscribers) add(record.periods[0]?.group ?? record.name, record);
  for (const member of history.cleanMembers) add(member.group, member);
  return [...receivers].flatMap(([name, records]) => twice(records, name));
}

/** What came more than once to a client, or to the members of a group; then it says to which. */
export function twice(receivers: readonly Receiver[], name: string): string[] {
  const receipts = receivers.flatMap(({ receipts, name: by }) => receipts.map((receipt) => ({ ...receipt, by })));
  const first = new Map<string, string>();
  return receipts
    .sort((a, b) => a.at - b.at)
    .flatMap(({ id, qos, by }) => {
      if (qos !== 2) return [];
      const before = first.get(id);
      if (before === undefined) first.set(id, by);
      const whom = by === name ? "" : `: to ${before}, then to ${by}`;
      return before === undefined ? [] : [`${id} came to ${name} more than once at QoS 2${whom}`];
    });
}

function outOfOrder(history: History, isOrdered: (message: Published) => boolean): string[] {
  // [MQTT-4.6.0-6] is not for members of groups
  const alone = history.subscribers.filter(({ periods }) => periods.every(({ group }) => group === undefined));
  return alone.flatMap(({ name, receipts }) => overtaken(history, receipts, name, isOrdered));
}

/**
 * What comes again at QoS 1 is as it has to be; what comes for the first time comes after what was published before it. A broker forwards in the
 * order in which it was sent to [MQTT-4.6.0-5]: who sends 1, 2, 3, and as nothing was acknowledged 1, 2, 3 again, has sent 3 before the second 1 and 2.
 * So at QoS 1, where each copy may come, that order is right too, as for who subscribed between the first 2 and the first 3. At QoS 2 the first
 * copy is the message, however often it is sent.
 */
export function overtaken(
  { published }: History,
  receipts: readonly Receipt[],
  name: string,
  isOrdered: (message: Published) => boolean,
): string[] {
  const last = new Map<string, { readonly sentAt: number; readonly number: number }>();
  const seen = new Set<string>();
  return receipts.flatMap(({ id, at }) => {
    const message = published.get(id);
    if (message === undefined || seen.has(id) || !isOrdered(message)) return [];
    seen.add(id);
    const stream = streamOf(message);
    const before = last.get(stream);
    const sentAt = copiesOf(message).find((copy) => copy > (before?.sentAt ?? 0) && copy < at);
    if (sentAt === undefined) return [`${id} came to ${name} after number ${before!.number}`];
    last.set(stream, { sentAt, number: message.number });
    return [];
  });
}

/** When the copies of a message were sent that a broker may forward. */
function copiesOf({ sentAt, sentAgainAt = [], qos }: Published): readonly number[] {
  return qos === 1 ? [sentAt, ...sentAgainAt] : [sentAt];
}

/** Messages of one stream come in the order in which they were published. */
export function streamOf({ publisher, topic, qos }: Published): string {
  return `${publisher} ${topic} ${qos}`;
}

/** Messages that were published after a subscription certainly had ended. */
function unasked(history: History): string[] {
  return history.subscribers.flatMap(({ name, periods, receipts }) =>
    receipts.flatMap(({ id }) => {
      const message = history.published.get(id);
      if (message === undefined) return history.wills.has(id) ? [] : [`${id} came to ${name}, and nobody published it`];
      return periods.some((period) => mayHave(period, message)) ? [] : [`${id} came to ${name}`];
    }),
  );
}

function mayHave({ filter, endedAt }: SubscriptionPeriod, { topic, sentAt }: Published): boolean {
  return matches(filter, topic) && (endedAt === undefined || sentAt < endedAt);
}

/** Wills that were due and have not come, or that were withdrawn and have. */
export function wrongWills(history: History): string[] {
  const got = (record: SubscriberRecord) => new Set(record.receipts.map(({ id }) => id));
  return history.subscribers.flatMap((record) => {
    const ids = got(record);
    return [...history.wills.values()].flatMap(({ id, topic, fate }) => {
      if (fate === undefined || !record.periods.some(({ filter, heldAt }) => heldAt !== undefined && matches(filter, topic))) return [];
      if (fate === "due") return ids.has(id) ? [] : [`${id} was due and never came to ${record.name}`];
      return ids.has(id) ? [`${id} was withdrawn and came to ${record.name}`] : [];
    });
  });
}

/** Each topic of retained messages has one publisher, so that their order is known. */
export function wrongRetained(history: History, retained: RetainedAtEnd): string[] {
  return [...byTopic([...history.published.values()].filter(({ retain }) => retain))].flatMap(([topic, messages]) => {
    const lastAcked = Math.max(0, ...messages.filter(({ ackedAt, refusedAt }) => ackedAt && !refusedAt).map(({ number }) => number));
    const possible = messages.filter(({ number }) => number >= lastAcked);
    const id = retained.get(topic);
    if (id === undefined) return lastAcked === 0 || possible.some(({ isEmpty }) => isEmpty) ? [] : [`nothing is retained at ${topic}`];
    if (possible.some((message) => message.id === id && !message.isEmpty)) return [];
    return [`${id} is retained at ${topic}, and number ${lastAcked} was acknowledged after it`];
  });
}

/** MQTT's rule, for filters without shares and topics without `$`. */
export function matches(filter: string, topic: string): boolean {
  const levels = topic.split("/");
  const parts = filter.split("/");
  for (const [at, part] of parts.entries()) {
    if (part === "#") return true;
    if (at >= levels.length || (part !== "+" && part !== levels[at])) return false;
  }
  return parts.length === levels.length;
}

export function shown(kind: string, found: readonly string[]): string[] {
  const told = found.slice(0, SHOWN).map((each) => `${kind}: ${each}`);
  return found.length > SHOWN ? [...told, `${kind}: ${found.length - SHOWN} more`] : told;
}
