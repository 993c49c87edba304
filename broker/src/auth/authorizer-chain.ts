import type { Qos } from "../codec/packet.js";
import type { Authorizer, ClientIdentity, Decision } from "./authorizer.js";
import { ClientRulesAuthorizer } from "./client-rules-authorizer.js";

/**
 * Asks authorisers in order until one decides: first the rules that the client came with. If nobody does, `byDefault` holds, but a client
 * that came with rules may do no more than somebody says.
 */
export class AuthorizerChain implements Authorizer {
  readonly cacheSeconds: number;
  readonly #authorizers: readonly Authorizer[];
  readonly #byDefault: boolean;

  constructor(authorizers: readonly Authorizer[], { byDefault }: { readonly byDefault: boolean }) {
    this.#authorizers = [new ClientRulesAuthorizer(), ...authorizers];
    this.#byDefault = byDefault;
    this.cacheSeconds = Math.min(...this.#authorizers.map(({ cacheSeconds = Number.POSITIVE_INFINITY }) => cacheSeconds));
  }

  mayPublish(client: ClientIdentity, topic: string, qos: Qos, retain: boolean): boolean | Promise<boolean> {
    return this.#askFrom(0, client, (authorizer) => authorizer.mayPublish(client, topic, qos, retain));
  }

  maySubscribe(client: ClientIdentity, filter: string, qos: Qos): boolean | Promise<boolean> {
    return this.#askFrom(0, client, (authorizer) => authorizer.maySubscribe(client, filter, qos));
  }

  #askFrom(
    first: number,
    client: ClientIdentity,
    ask: (authorizer: Authorizer) => Decision | Promise<Decision>,
  ): boolean | Promise<boolean> {
    for (let i = first; i < this.#authorizers.length; i++) {
      const decision = ask(this.#authorizers[i]!);
      if (decision instanceof Promise) return decision.then((later) => later ?? this.#askFrom(i + 1, client, ask));
      if (decision !== undefined) return decision;
    }
    return this.#byDefault && client.rules === undefined;
  }
}
