import { topicFilterProblem } from "../topics/topic-filter.js";
import type { AclEntry, LineProblem, ParsedAclFile } from "./acl-file.js";
import type { AclRule } from "./acl-rule.js";

const ACCESS: Readonly<Record<string, Pick<AclRule, "permission" | "action">>> = {
  read: { permission: "allow", action: "subscribe" },
  write: { permission: "allow", action: "publish" },
  readwrite: { permission: "allow", action: "all" },
  deny: { permission: "deny", action: "all" },
};

/**
 * Reads a file that mosquitto's `acl_file` takes. Clients with a user name have the lines of that user, others those above the first `user`
 * line; both have the patterns after them. Of each of these lists, what denies comes first, wherever it stands. What nothing allows is denied.
 */
export function parseMosquittoAclFile(text: string): ParsedAclFile {
  const topics: AclEntry[] = [];
  const patterns: AclEntry[] = [];
  const problems: LineProblem[] = [];
  let userName: string | null = null;
  text.split("\n").forEach((whole, index) => {
    const line = whole.trimEnd();
    if (line.startsWith("#")) return;
    const [, keyword = "", rest = ""] = /^ *([^ ]*) *(.*)$/s.exec(line)!;
    const report = (why: string) => problems.push({ line: index + 1, why });
    if (keyword === "") return;
    if (keyword === "user") {
      if (rest === "") report("names no user: put one after user");
      else userName = rest;
    } else if (keyword !== "topic" && keyword !== "pattern") {
      report(`begins with ${JSON.stringify(keyword)}: begin it with topic, user or pattern, or with # if it is a comment`);
    } else {
      const rule = ruleOf(rest);
      if (typeof rule === "string") report(rule);
      else if (keyword === "pattern") patterns.push({ rule });
      else topics.push({ rule, userName });
    }
  });
  return { file: { format: "mosquitto", entries: [...deniesFirst(topics), ...deniesFirst(patterns)], byDefault: false }, problems };
}

/** A text says what is wrong. */
function ruleOf(rest: string): AclRule | string {
  if (rest === "") return "names no topic: end it with one, with # for all";
  const space = rest.indexOf(" ");
  const word = space < 0 ? "readwrite" : rest.slice(0, space);
  const filter = space < 0 ? rest : rest.slice(space).trim();
  const access = Object.hasOwn(ACCESS, word) ? ACCESS[word]! : undefined;
  if (access === undefined) return `has ${JSON.stringify(word)} before the topic: say read, write, readwrite or deny`;
  const problem = topicFilterProblem(filter, Number.POSITIVE_INFINITY);
  return problem === undefined ? { ...access, filters: [filter] } : `has ${JSON.stringify(filter)}, whose ${problem}`;
}

function deniesFirst(entries: readonly AclEntry[]): AclEntry[] {
  const denies = ({ rule }: AclEntry) => rule.permission === "deny";
  return [...entries.filter(denies), ...entries.filter((entry) => !denies(entry))];
}
