import type { Qos } from "../codec/packet.js";
import type { AclEntry, AclFile } from "./acl-file.js";
import { hasWildcard } from "./acl-filter.js";
import type { Authorizer, ClientIdentity, Decision } from "./authorizer.js";
import { CompiledRule } from "./compiled-rule.js";

/** A rule at its place among those of the file. */
interface PlacedRule {
  readonly place: number;
  readonly rule: CompiledRule;
  /** Undefined for every client. */
  readonly clientId: string | undefined;
}

const NONE: readonly PlacedRule[] = [];

/**
 * Decides by the rules of a file.
 *
 * Rules of one user or one client lie apart from those of everyone, so that a check meets no other user's, however many there are; their
 * places in the file tell in which order the three lists are gone through.
 */
export class AclFileAuthorizer implements Authorizer {
  readonly #everyone: PlacedRule[] = [];
  readonly #anonymous: PlacedRule[] = [];
  readonly #byUser = new Map<string, PlacedRule[]>();
  readonly #byClient = new Map<string, PlacedRule[]>();
  readonly #format: AclFile["format"];
  readonly #byDefault: Decision;

  constructor({ format, entries, byDefault }: AclFile) {
    this.#format = format;
    this.#byDefault = byDefault;
    for (let place = 0; place < entries.length; place++) this.#add(entries[place]!, place);
  }

  mayPublish(client: ClientIdentity, topic: string, qos: Qos, retain: boolean): Decision {
    return this.#decide(client, (rule) => rule.appliesToPublish(client, topic, qos, retain));
  }

  maySubscribe(client: ClientIdentity, filter: string, qos: Qos): Decision {
    return this.#decide(client, (rule) => rule.appliesToSubscribe(client, filter, qos));
  }

  #add({ rule, userName, clientId }: AclEntry, place: number): void {
    const policy = this.#format === "mqttd" ? "strict" : userName === undefined ? "mosquitto" : "literal";
    const placed = { place, rule: new CompiledRule(rule, policy), clientId };
    if (userName === null) this.#anonymous.push(placed);
    else if (userName !== undefined) append(this.#byUser, userName, placed);
    else if (clientId !== undefined) append(this.#byClient, clientId, placed);
    else this.#everyone.push(placed);
  }

  #decide(client: ClientIdentity, applies: (rule: CompiledRule) => boolean): Decision {
    const { clientId, userName } = client;
    const ofUser = userName === undefined ? this.#anonymous : (this.#byUser.get(userName) ?? NONE);
    const ofClient = this.#byClient.get(clientId) ?? NONE;
    const ofEveryone = this.#meetsPatterns(client) ? this.#everyone : NONE;
    let i = 0;
    let j = 0;
    let k = 0;
    for (;;) {
      const user = ofUser[i]?.place ?? Number.POSITIVE_INFINITY;
      const own = ofClient[j]?.place ?? Number.POSITIVE_INFINITY;
      const every = ofEveryone[k]?.place ?? Number.POSITIVE_INFINITY;
      const next = user < own && user < every ? ofUser[i++] : own < every ? ofClient[j++] : ofEveryone[k++];
      if (next === undefined) return this.#byDefault;
      if ((next.clientId === undefined || next.clientId === clientId) && applies(next.rule)) return next.rule.allows;
    }
  }

  /** Mosquitto's rules for everyone are its patterns, and no client with a wildcard in one of its names gets to them. */
  #meetsPatterns({ clientId, userName }: ClientIdentity): boolean {
    return this.#format === "mqttd" || !(hasWildcard(clientId) || (userName !== undefined && hasWildcard(userName)));
  }
}

function append(lists: Map<string, PlacedRule[]>, name: string, placed: PlacedRule): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [placed]);
  else list.push(placed);
}
