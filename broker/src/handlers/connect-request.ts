import type { AuthenticationRequest } from "../auth/authenticator.js";
import type { ConnectPacket, ProtocolVersion } from "../codec/packet.js";
import type { Connection } from "../connection/connection.js";

/** A CONNECT, as authenticators are told of it. A class, as an accessor that each object has for itself would be most of what it takes. */
export class ConnectRequest implements AuthenticationRequest {
  readonly clientId: string;
  readonly userName: string | undefined;
  readonly password: Uint8Array | undefined;
  readonly version: ProtocolVersion;
  readonly cleanStart: boolean;
  readonly listener: string;
  readonly #connection: Connection;

  constructor(connection: Connection, packet: ConnectPacket, clientId: string) {
    this.clientId = clientId;
    this.userName = packet.userName;
    this.password = packet.password;
    this.version = packet.version;
    this.cleanStart = packet.cleanStart;
    this.listener = connection.listener.name;
    this.#connection = connection;
  }

  /** Asked for only by who wants to know: it takes two system calls. */
  get peer(): AuthenticationRequest["peer"] {
    return this.#connection.socket.peer();
  }
}
