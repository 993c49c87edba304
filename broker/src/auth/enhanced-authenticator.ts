import type { AuthenticationRequest, Verdict } from "./authenticator.js";
import type { ClientIdentity } from "./authorizer.js";

/** Who wants to authenticate by an exchange of AUTH packets. */
export interface EnhancedRequest extends AuthenticationRequest {
  /** Present when a client that is connected proves itself anew (MQTT 5, 4.12.1): who it is by now. */
  readonly reauthentication?: ClientIdentity | undefined;
}

/** The client is asked for more: AUTH with Continue Authentication [MQTT-4.12.0-2]. */
export interface Challenge {
  readonly done: false;
  readonly data?: Uint8Array;
}

/** The exchange is over. */
export interface Conclusion {
  readonly done: true;
  readonly verdict: Verdict;
  /** Goes with an admission, in CONNACK or the last AUTH: a server's own proof, for example. */
  readonly data?: Uint8Array;
}

export type Step = Challenge | Conclusion;

/** One authentication under way. The broker ends one that takes longer than CONNECT may, or more than 16 steps. */
export interface EnhancedExchange {
  /**
   * Takes the Authentication Data of one packet: first of CONNECT, or of the AUTH that starts a re-authentication, then of each AUTH that
   * answers a challenge. Undefined: the packet had none. The bytes are the exchange's to keep. Not called again before it has answered,
   * nor after a conclusion.
   */
  step(data: Uint8Array | undefined): Step | Promise<Step>;
}

/** Decides who may connect by one authentication method (MQTT 5, 4.12). Errors count as for an `Authenticator`. */
export interface EnhancedAuthenticator {
  /** The Authentication Method it answers to, for example "SCRAM-SHA-256". */
  readonly method: string;
  begin(request: EnhancedRequest): EnhancedExchange;
}
