import type { Qos } from "../codec/packet.js";
import type { AclRule } from "./acl-rule.js";

/** Who a connected client is, for those who decide what it may do. A session or connection that has these fields can be handed over as it is. */
export interface ClientIdentity {
  readonly clientId: string;
  /** The authenticator's word, else that of CONNECT; undefined for an anonymous client. */
  readonly userName: string | undefined;
  /** Rules that the authenticator brought along, from a token's claims for example. @default - none */
  readonly rules?: readonly AclRule[] | undefined;
}

/**
 * Decides what a client may publish and subscribe to.
 *
 * Asked for each PUBLISH, so it answers at once where it can. An error thrown or a promise rejected counts as no.
 */
export interface Authorizer {
  /** Wills too are published by this. */
  mayPublish(client: ClientIdentity, topic: string, qos: Qos, retain: boolean): boolean | Promise<boolean>;

  /** The filter of a shared subscription comes without `$share/{ShareName}/`. */
  maySubscribe(client: ClientIdentity, filter: string, qos: Qos): boolean | Promise<boolean>;
}
