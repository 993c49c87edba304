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

/** Undefined: not mine to decide. */
export type Decision = boolean | undefined;

/**
 * Decides what a client may publish and subscribe to.
 *
 * Several are asked one after the other: undefined says that this one knows nothing about it, so that the next decides. Answers at once
 * where it can, with a promise where it must wait. An error thrown or a promise rejected counts as no, and the next time it is asked again.
 */
export interface Authorizer {
  /** How long the broker may act on an answer without asking again; it asks anew in any case when authorisers are replaced. @default - as long as the connection lasts */
  readonly cacheSeconds?: number;

  /** Wills too are published by this. */
  mayPublish(client: ClientIdentity, topic: string, qos: Qos, retain: boolean): Decision | Promise<Decision>;

  /** The filter of a shared subscription comes without `$share/{ShareName}/`. */
  maySubscribe(client: ClientIdentity, filter: string, qos: Qos): Decision | Promise<Decision>;

  /** Lets go of connections. Questions under way still get an answer. */
  close?(): Promise<void>;
}
