import type { AuthenticationRequest } from "../auth/authenticator.js";
import type { ConnectPacket } from "../codec/packet.js";
import type { Connection } from "../connection/connection.js";

/**
 * What a CONNECT says to an authenticator. Its `peer` is asked for only by who wants to know, as that takes two system calls, and is a property of its own, which a
 * copy of the request has as well.
 *
 * All requests share the getter. One with a closure of its own gives V8 a hidden class for each request, which leads to the closure and so to the connection:
 * 1.7 KB of each that had gone stayed until the next full garbage collection, and every young one copied it.
 */
export class ConnectRequest implements AuthenticationRequest {
  readonly clientId: string;
  readonly userName: string | undefined;
  readonly password: Uint8Array | undefined;
  readonly version: AuthenticationRequest["version"];
  readonly cleanStart: boolean;
  readonly listener: string;
  declare readonly peer: AuthenticationRequest["peer"];
  readonly #connection: Connection;

  constructor(connection: Connection, { userName, password, version, cleanStart }: ConnectPacket, clientId: string) {
    this.clientId = clientId;
    this.userName = userName;
    this.password = password;
    this.version = version;
    this.cleanStart = cleanStart;
    this.listener = connection.listener.name;
    this.#connection = connection;
    Object.defineProperty(this, "peer", PEER);
  }

  static peerOf(this: ConnectRequest): AuthenticationRequest["peer"] {
    return this.#connection.socket.peer();
  }
}

const PEER: PropertyDescriptor = { get: ConnectRequest.peerOf, enumerable: true };
