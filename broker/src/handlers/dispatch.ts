import { decode } from "../codec/codec.js";
import { PacketType } from "../codec/packet.js";
import { violation } from "../codec/protocol-error.js";
import type { ReasonCode } from "../codec/reason-code.js";
import type { Connection } from "../connection/connection.js";
import type { ConnectionEvents } from "../connection/connection-context.js";
import { Phase } from "../connection/phase.js";
import { handleAck } from "./acks.js";
import { receiveConnect } from "./connect.js";
import type { Core } from "./core.js";
import { handleDisconnect } from "./disconnect.js";
import { handleAuth } from "./exchange.js";
import { leave } from "./leave.js";
import { handlePublish } from "./publish.js";
import { handleSubscribe } from "./subscribe.js";
import { handleUnsubscribe } from "./unsubscribe.js";

/** Takes each packet to its handler, and refuses those that may not come now. */
export class Dispatch implements ConnectionEvents {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  onPacket(connection: Connection, bytes: Uint8Array, start: number, end: number): Promise<void> | undefined {
    const core = this.#core;
    const type = bytes[start]! >> 4;
    core.counters.packetsReceived[type]!++;
    if (connection.phase !== Phase.Connected) return this.#beforeConnack(connection, bytes, start, end, type);
    switch (type) {
      case PacketType.Publish:
        return handlePublish(core, connection, bytes, start, bodyOf(bytes, start), end);
      case PacketType.Puback:
      case PacketType.Pubrec:
      case PacketType.Pubrel:
      case PacketType.Pubcomp:
        handleAck(core, connection, bytes, start, end);
        return undefined;
      case PacketType.Subscribe:
        return handleSubscribe(core, connection, bytes, start, end);
      case PacketType.Unsubscribe:
        return handleUnsubscribe(core, connection, bytes, start, end);
      case PacketType.Pingreq:
        decode(bytes, start, end, connection.version);
        connection.pong();
        return undefined;
      case PacketType.Disconnect:
        handleDisconnect(core, connection, bytes, start, end);
        return undefined;
      case PacketType.Auth:
        return handleAuth(core, connection, bytes, start, end);
      case PacketType.Connect:
        throw violation("a second CONNECT"); // [MQTT-3.1.0-2]
    }
    decode(bytes, start, end, connection.version); // says what is wrong with a reserved type
    throw violation(`packet type ${type} is not for a server`);
  }

  onLeave(connection: Connection, wasConnected: boolean, reasonCode: ReasonCode, reason: string): void {
    this.#core.unsettled.add(connection);
    this.#core.entrance.left(connection, wasConnected);
    leave(this.#core, connection, wasConnected, reasonCode, reason);
  }

  onClosed(connection: Connection): void {
    this.#core.counters.connectionsClosed++;
    connection.listener.connections--;
    this.#core.unsettled.delete(connection);
    this.#core.entrance.closed(connection);
  }

  #beforeConnack(connection: Connection, bytes: Uint8Array, start: number, end: number, type: number): Promise<void> | undefined {
    const core = this.#core;
    if (connection.phase === Phase.AwaitingConnect) return receiveConnect(core, connection, bytes, start, end);
    if (type === PacketType.Auth && connection.version === 5) return handleAuth(core, connection, bytes, start, end);
    if (type === PacketType.Disconnect && core.exchanges.has(connection)) {
      handleDisconnect(core, connection, bytes, start, end);
      return undefined;
    }
    throw violation("a packet other than AUTH before CONNACK"); // [MQTT-3.1.2-30]
  }
}

/** Where the variable header begins; the header has been read before. */
function bodyOf(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (bytes[at]! >= 0x80) at++;
  return at + 1;
}
