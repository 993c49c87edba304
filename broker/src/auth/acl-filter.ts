import { topicFilterProblem } from "../topics/topic-filter.js";
import type { ClientIdentity } from "./authorizer.js";

/** What begins a text that is compared as it is, wildcards included. */
const EXACT = "eq ";

/**
 * What `%c` and `%u` stand for, and which names may take their place where that allows something. A name with a wildcard would let its
 * client into everybody's topics, and one with a slash into those below another's: `strict` has neither, and none that begins a `$` topic.
 * `mosquitto` has no wildcards. `literal` has no placeholders at all.
 */
export type NamePolicy = "strict" | "mosquitto" | "literal";

const PLACEHOLDERS = { strict: /%c|%u|\$\{clientid\}|\$\{username\}/g, mosquitto: /%c|%u/g, literal: undefined };

/** What is wrong with the filter of a rule, in words, or undefined. */
export function aclFilterProblem(text: string): string | undefined {
  const filter = text.startsWith(EXACT) ? text.slice(EXACT.length) : text;
  if (filter.startsWith("$share/")) return "topic filter is that of a shared subscription: leave out $share/ and the share name";
  return topicFilterProblem(filter.replace(PLACEHOLDERS.strict, "x"), Number.POSITIVE_INFINITY);
}

/** One filter of a rule, taken apart. */
export class AclFilter {
  readonly isExact: boolean;
  readonly #text: string;
  readonly #policy: NamePolicy;
  readonly #placeholders: RegExp | undefined;

  constructor(text: string, policy: NamePolicy) {
    this.isExact = policy === "strict" && text.startsWith(EXACT);
    this.#text = this.isExact ? text.slice(EXACT.length) : text;
    this.#policy = policy;
    const placeholders = PLACEHOLDERS[policy];
    this.#placeholders = placeholders !== undefined && this.#text.search(placeholders) >= 0 ? placeholders : undefined;
  }

  /** The filter as it is for a client, or undefined if its names may not take the placeholders' places. */
  allowing(client: ClientIdentity): string | undefined {
    return this.#filled(client, this.#policy === "strict" ? isStrict : hasNoWildcard);
  }

  /** As it is to deny something: there an odd name makes the filter wider, which does no harm. */
  denying(client: ClientIdentity): string | undefined {
    return this.#filled(client, isAny);
  }

  #filled(client: ClientIdentity, isFit: (name: string, at: number) => boolean): string | undefined {
    if (this.#placeholders === undefined) return this.#text;
    let fits = true;
    const filled = this.#text.replace(this.#placeholders, (placeholder, at: number) => {
      const name = placeholder === "%c" || placeholder === "${clientid}" ? client.clientId : client.userName;
      if (name === undefined || !isFit(name, at)) fits = false;
      return name ?? "";
    });
    return fits ? filled : undefined;
  }
}

export function hasWildcard(name: string): boolean {
  return /[+#]/.test(name);
}

function isAny(): boolean {
  return true;
}

function hasNoWildcard(name: string): boolean {
  return !hasWildcard(name);
}

function isStrict(name: string, at: number): boolean {
  return name !== "" && !/[+#/]/.test(name) && !(at === 0 && name.startsWith("$"));
}
