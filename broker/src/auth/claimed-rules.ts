import * as z from "zod";
import type { Qos } from "../codec/packet.js";
import { topicFilterProblem } from "../topics/topic-filter.js";
import type { AclRule } from "./acl-rule.js";

/** Of one client; each costs memory as long as it is connected, and time for each message that no cache answers. */
const MAX_FILTERS = 1_000;

const QosLevel = z.union([z.literal(0), z.literal(1), z.literal(2)]);
const Topics = z.array(z.string());

const Rule = z
  .strictObject({
    permission: z.enum(["allow", "deny"]),
    action: z.enum(["publish", "subscribe", "all"]),
    topic: z.string().optional(),
    topics: Topics.min(1).optional(),
    qos: z.union([QosLevel, z.array(QosLevel).min(1)]).optional(),
    retain: z.boolean().optional(),
  })
  .refine(({ topic, topics }) => (topic === undefined) !== (topics === undefined), "needs topic or topics");

/** What lists of topics do not allow, they deny. */
const DENY_ALL: AclRule = { permission: "deny", action: "all" };

const Lists = z.strictObject({ pub: Topics.optional(), sub: Topics.optional(), all: Topics.optional() });

/** Rules that cannot be understood. Nobody is let in with rules that may mean something else. */
export class MalformedRules extends Error {
  override readonly name = "MalformedRules";
}

/**
 * Rules as a token or a hook's answer states them, in either of EMQX's forms: a list of `{permission, action, topic, qos, retain}`, or
 * `{pub, sub, all}` with topics that are allowed while everything else is denied.
 *
 * @throws MalformedRules
 */
export function claimedRules(claim: unknown): readonly AclRule[] {
  const rules = Array.isArray(claim) ? ruleList(claim) : topicLists(claim);
  const filters = rules.reduce((count, rule) => count + (rule.filters?.length ?? 0), 0);
  if (filters > MAX_FILTERS) throw new MalformedRules(`${filters} topics are more than ${MAX_FILTERS}`);
  return rules;
}

function ruleList(claim: readonly unknown[]): AclRule[] {
  return claim.map((entry, index) => {
    const parsed = Rule.safeParse(entry);
    if (!parsed.success) throw new MalformedRules(`rule ${index + 1}: ${parsed.error.issues[0]?.message}`);
    const { permission, action, topic, topics, qos, retain } = parsed.data;
    const filters = (topics ?? [topic!]).map(filterOf);
    const levels: readonly Qos[] | undefined = typeof qos === "number" ? [qos] : qos;
    return { permission, action, filters, ...(levels && { qos: levels }), ...(retain !== undefined && { retain }) };
  });
}

function topicLists(claim: unknown): AclRule[] {
  const parsed = Lists.safeParse(claim);
  if (!parsed.success) throw new MalformedRules(parsed.error.issues[0]?.message);
  const { pub = [], sub = [], all = [] } = parsed.data;
  const allowed = [
    { action: "publish", topics: pub },
    { action: "subscribe", topics: sub },
    { action: "all", topics: all },
  ] as const;
  return [
    ...allowed
      .filter(({ topics }) => topics.length > 0) // no filter would be every topic
      .map(({ action, topics }): AclRule => ({ permission: "allow", action, filters: topics.map(filterOf) })),
    DENY_ALL,
  ];
}

function filterOf(topic: string): string {
  const filter = topic.startsWith("eq ") ? topic.slice(3) : topic;
  if (filter.replaceAll(/\$\{(clientid|username)\}/g, "").includes("${")) {
    throw new MalformedRules("only ${clientid} and ${username} can stand for something in a topic");
  }
  const problem = topicFilterProblem(filter, Number.POSITIVE_INFINITY);
  if (problem !== undefined) throw new MalformedRules(problem);
  return topic;
}
