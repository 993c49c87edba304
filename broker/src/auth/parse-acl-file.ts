import type { Qos } from "../codec/packet.js";
import type { AclEntry, LineProblem, ParsedAclFile } from "./acl-file.js";
import { aclFilterProblem } from "./acl-filter.js";
import type { AclRule } from "./acl-rule.js";

const TOKEN = /(?:"(?:[^"\\]|\\.)*"|[^\s"])+/g;
const LIST_ITEM = /(?:"(?:[^"\\]|\\.)*"|[^,"])+/g;
const QUOTED = /"((?:[^"\\]|\\.)*)"/g;
const CONDITION = /^([a-z]+)=(.*)$/s;
const CONDITIONS = "user=, client=, anonymous=, qos= and retain=";

/** A line that cannot be taken; the message is what is wrong with it, and the remedy. */
class LineError extends Error {}

/** What stands before the filters of a line. */
interface Conditions {
  readonly users: readonly (string | null | undefined)[];
  readonly clientIds: readonly (string | undefined)[];
  readonly limits: Pick<AclRule, "qos" | "retain">;
}

/**
 * Reads a file of rules, one a line:
 *
 *     allow|deny  publish|subscribe|all  [user=NAME,…] [client=ID,…] [anonymous=yes] [qos=0,1] [retain=yes|no]  FILTER…
 *     default allow|deny
 *
 * What has spaces or commas stands in quotation marks; a line that begins with # is a comment.
 */
export function parseAclFile(text: string): ParsedAclFile {
  const entries: AclEntry[] = [];
  const problems: LineProblem[] = [];
  let byDefault: boolean | undefined;
  text.split("\n").forEach((line, index) => {
    try {
      const tokens = tokensOf(line);
      if (tokens.length === 0) return;
      if (tokens[0] !== "default") entries.push(...entriesOf(tokens));
      else if (byDefault !== undefined) throw new LineError("says default again: leave one of them");
      else byDefault = defaultOf(tokens);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      problems.push({ line: index + 1, why: error.message });
    }
  });
  return { file: { format: "mqttd", entries, ...(byDefault !== undefined && { byDefault }) }, problems };
}

function tokensOf(line: string): string[] {
  if (line.trimStart().startsWith("#")) return [];
  const tokens = line.match(TOKEN) ?? [];
  if (line.replaceAll(TOKEN, "").trim() !== "") throw new LineError("has a quotation mark without its other: close it");
  return tokens;
}

function defaultOf([, word, ...rest]: readonly string[]): boolean {
  if ((word !== "allow" && word !== "deny") || rest.length > 0) throw new LineError("takes default allow or default deny");
  return word === "allow";
}

function entriesOf([permission, action, ...rest]: readonly string[]): AclEntry[] {
  if (permission !== "allow" && permission !== "deny") {
    throw new LineError(`begins with ${JSON.stringify(permission)}: begin it with allow, deny or default, or with # if it is a comment`);
  }
  if (action !== "publish" && action !== "subscribe" && action !== "all") {
    throw new LineError(
      `has ${action === undefined ? "nothing" : JSON.stringify(action)} after ${permission}: say publish, subscribe or all`,
    );
  }
  const first = rest.findIndex((token) => !CONDITION.test(token));
  const { users, clientIds, limits } = conditionsOf(first < 0 ? rest : rest.slice(0, first));
  const rule = { permission, action, filters: filtersOf(first < 0 ? [] : rest.slice(first)), ...limits } as const;
  return users.flatMap((userName) =>
    clientIds.map((clientId) => ({ rule, ...(userName !== undefined && { userName }), ...(clientId !== undefined && { clientId }) })),
  );
}

function filtersOf(tokens: readonly string[]): string[] {
  if (tokens.length === 0) throw new LineError("names no topic filter: end it with one, with # for all topics");
  return tokens.map((token) => {
    if (/^(user|client|anonymous|qos|retain)=/.test(token))
      throw new LineError(`has ${token} behind a topic filter: put it before the first`);
    const filter = unquoted(token);
    const problem = aclFilterProblem(filter);
    if (problem !== undefined) throw new LineError(`has ${JSON.stringify(filter)}, whose ${problem}`);
    return filter;
  });
}

function conditionsOf(tokens: readonly string[]): Conditions {
  let users: Conditions["users"] = [undefined];
  let clientIds: Conditions["clientIds"] = [undefined];
  let limits: Conditions["limits"] = {};
  const seen = new Set<string>();
  for (const token of tokens) {
    const [, name = "", value = ""] = CONDITION.exec(token)!;
    const kind = name === "anonymous" ? "user" : name;
    if (seen.has(kind)) throw new LineError(`has ${name}= besides another that says who or what: join their values with commas`);
    seen.add(kind);
    if (name === "user") users = itemsOf(token, value);
    else if (name === "client") clientIds = itemsOf(token, value);
    else if (name === "anonymous" && value === "yes") users = [null];
    else if (name === "qos") limits = { ...limits, qos: qosOf(value) };
    else if (name === "retain" && (value === "yes" || value === "no")) limits = { ...limits, retain: value === "yes" };
    else if (name === "anonymous") throw new LineError("takes anonymous=yes");
    else if (name === "retain") throw new LineError("takes retain=yes or retain=no");
    else
      throw new LineError(`has ${name}=, which is no condition: there are ${CONDITIONS}; put a topic filter like this in quotation marks`);
  }
  return { users, clientIds, limits };
}

function itemsOf(token: string, value: string): string[] {
  const items = (value.match(LIST_ITEM) ?? []).map(unquoted);
  if (items.length === 0 || value.split(",").some((item) => item === ""))
    throw new LineError(`has an empty name in ${token}: fill or remove it`);
  return items;
}

function qosOf(value: string): Qos[] {
  const levels = value.split(",");
  if (!levels.every((level) => /^[012]$/.test(level))) throw new LineError("takes qos=0, qos=1, qos=2 or several with commas between them");
  return levels.map((level) => Number(level) as Qos);
}

function unquoted(token: string): string {
  return token.replaceAll(QUOTED, (_, inner: string) => inner.replaceAll(/\\(.)/g, "$1"));
}
