import type { ProtocolVersion } from "../codec/packet.js";
import type { ReasonCode } from "../codec/reason-code.js";
import type { Peer } from "../transport/socket.js";
import type { AclRule } from "./acl-rule.js";

/** Who wants to connect, as far as CONNECT and the connection tell. */
export interface AuthenticationRequest {
  /** The one the client sent, or that the broker has made up for it. */
  readonly clientId: string;
  readonly userName?: string | undefined;
  /** Owned by the request: the caller has copied it out of the receive buffer. */
  readonly password?: Uint8Array | undefined;
  readonly version: ProtocolVersion;
  readonly cleanStart: boolean;
  /** Read from the connection when asked for, so ask while it is open. */
  readonly peer: Peer;
  /** Name of the listener it came by. */
  readonly listener: string;
}

/** The client may go on. */
export interface Admission {
  readonly allowed: true;
  /** The name it goes by from now on, if it is not the one that CONNECT carried: from a certificate or a token, for example. */
  readonly userName?: string;
  /** The client identifier it goes by, if not the one of CONNECT. */
  readonly clientId?: string;
  /** What it may do, as far as who let it in knows; they come before those of the authorisers. */
  readonly rules?: readonly AclRule[];
  /** When it has to prove itself again, by the clock's milliseconds since 1970: its connection ends then. @default - never */
  readonly expiresAtMs?: number;
}

/** The client may not go on. */
export interface Refusal {
  readonly allowed: false;
  /** One that CONNACK may carry, never Success; see `isReasonCodeOf`. In 3.x the broker sends the return code nearest to it. */
  readonly reasonCode: ReasonCode;
  /** For the client's eyes: says nothing about which users or passwords exist. */
  readonly reasonString?: string;
  /** Goes with UseAnotherServer and ServerMoved. */
  readonly serverReference?: string;
}

export type Verdict = Admission | Refusal;

/** Undefined: not mine to decide. */
export type Answer = Verdict | undefined;

/**
 * Decides who may connect, by user name and password or by what the connection itself shows.
 *
 * Several are asked one after the other: undefined says that this one knows nothing about the client, so that the next decides; if nobody
 * does, the client is refused. Answers at once where it can, with a promise where it must wait. What cannot be decided is refused: an error thrown or a promise rejected
 * counts as a refusal with ServerUnavailable, and the broker logs it.
 */
export interface Authenticator {
  authenticate(request: AuthenticationRequest): Answer | Promise<Answer>;
  /** Lets go of connections. Requests under way still get an answer. */
  close?(): Promise<void>;
}
