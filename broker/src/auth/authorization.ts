import type { Authorizer, ClientIdentity } from "./authorizer.js";
import { AuthorizerChain } from "./authorizer-chain.js";

/** What becomes of a client that does what it may not: told so where its version can, or disconnected. */
export type DenyAction = "ignore" | "disconnect";

/** Who decides now what clients may do. */
export class Authorization {
  #authorizer: Authorizer | null;
  #denyAction: DenyAction;
  #generation = 0;
  /** For clients that came with rules where nobody else decides. */
  readonly #rulesOnly = new AuthorizerChain([], { byDefault: true });

  /** Null: everyone may do everything that the rules they came with do not forbid. */
  constructor(authorizer: Authorizer | null, denyAction: DenyAction = "ignore") {
    this.#authorizer = authorizer;
    this.#denyAction = denyAction;
  }

  get denyAction(): DenyAction {
    return this.#denyAction;
  }

  /** Another number whenever answers given before do not hold any more. */
  get generation(): number {
    return this.#generation;
  }

  replace(authorizer: Authorizer | null, denyAction: DenyAction = this.#denyAction): void {
    this.#authorizer = authorizer;
    this.#denyAction = denyAction;
    this.#generation++;
  }

  /** Null: the client may do everything, and nobody needs to be asked. */
  authorizerFor(client: ClientIdentity): Authorizer | null {
    return this.#authorizer ?? (client.rules === undefined ? null : this.#rulesOnly);
  }
}
