import type { Qos } from "../codec/packet.js";
import type { AclRule } from "./acl-rule.js";
import type { Authorizer, ClientIdentity, Decision } from "./authorizer.js";
import { CompiledRule } from "./compiled-rule.js";

/** Holds clients to the rules that they came with; says nothing about those that came without. */
export class ClientRulesAuthorizer implements Authorizer {
  /** Compiled once for the list that a session keeps, and gone with it. */
  readonly #compiled = new WeakMap<readonly AclRule[], readonly CompiledRule[]>();

  mayPublish(client: ClientIdentity, topic: string, qos: Qos, retain: boolean): Decision {
    if (client.rules === undefined) return undefined;
    return this.#rules(client.rules).find((rule) => rule.appliesToPublish(client, topic, qos, retain))?.allows;
  }

  maySubscribe(client: ClientIdentity, filter: string, qos: Qos): Decision {
    if (client.rules === undefined) return undefined;
    return this.#rules(client.rules).find((rule) => rule.appliesToSubscribe(client, filter, qos))?.allows;
  }

  #rules(rules: readonly AclRule[]): readonly CompiledRule[] {
    let compiled = this.#compiled.get(rules);
    if (compiled === undefined) {
      compiled = rules.map((rule) => new CompiledRule(rule));
      this.#compiled.set(rules, compiled);
    }
    return compiled;
  }
}
