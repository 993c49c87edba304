import type { Qos } from "../codec/packet.js";
import { covers, overlaps } from "../topics/filter-cover.js";
import { AclFilter, type NamePolicy } from "./acl-filter.js";
import type { AclRule } from "./acl-rule.js";
import type { ClientIdentity } from "./authorizer.js";

const ANY_QOS = 0b111;

/** A rule, ready to be asked whether it applies. */
export class CompiledRule {
  readonly allows: boolean;
  readonly #publish: boolean;
  readonly #subscribe: boolean;
  /** Undefined for every topic. */
  readonly #filters: readonly AclFilter[] | undefined;
  /** A bit for each QoS. */
  readonly #qos: number;
  readonly #retain: boolean | undefined;

  constructor({ permission, action, filters, qos, retain }: AclRule, policy: NamePolicy = "strict") {
    this.allows = permission === "allow";
    this.#publish = action !== "subscribe";
    this.#subscribe = action !== "publish";
    this.#filters = filters?.map((filter) => new AclFilter(filter, policy));
    this.#qos = qos === undefined ? ANY_QOS : qos.reduce<number>((bits, level) => bits | (1 << level), 0);
    this.#retain = retain;
  }

  appliesToPublish(client: ClientIdentity, topic: string, qos: Qos, retain: boolean): boolean {
    if (!this.#publish || (this.#qos & (1 << qos)) === 0 || (this.#retain !== undefined && this.#retain !== retain)) return false;
    return this.#someFilter(client, topic, covers);
  }

  /** To be allowed, a filter has to be covered; to be denied, it is enough that some of what it matches is denied. */
  appliesToSubscribe(client: ClientIdentity, filter: string, qos: Qos): boolean {
    if (!this.#subscribe || (this.#qos & (1 << qos)) === 0) return false;
    return this.#someFilter(client, filter, this.allows ? covers : overlaps);
  }

  #someFilter(client: ClientIdentity, asked: string, matches: (filter: string, asked: string) => boolean): boolean {
    if (this.#filters === undefined) return true;
    for (const filter of this.#filters) {
      const own = this.allows ? filter.allowing(client) : filter.denying(client);
      if (own !== undefined && (filter.isExact ? own === asked : matches(own, asked))) return true;
    }
    return false;
  }
}
