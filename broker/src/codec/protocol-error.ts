import { ReasonCode } from "./reason-code.js";

/**
 * The peer broke the protocol. The message names the field, the reason code is what a CONNACK or DISCONNECT
 * can carry back; in 3.x the connection closes without one.
 */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly reasonCode: ReasonCode;

  constructor(reasonCode: ReasonCode, message: string) {
    super(message);
    this.reasonCode = reasonCode;
  }
}

/** Bytes that cannot be read as the packet they claim to be (MQTT 5.0, 1.2 "Malformed Packet"). */
export function malformed(message: string): ProtocolError {
  return new ProtocolError(ReasonCode.MalformedPacket, message);
}

/** A packet that can be read and says what the protocol forbids (MQTT 5.0, 1.2 "Protocol Error"). */
export function violation(message: string): ProtocolError {
  return new ProtocolError(ReasonCode.ProtocolError, message);
}

/** A packet longer than we told the peer we accept [MQTT-3.2.2-15]. Known from `packetLength`, before the packet is here. */
export function packetTooLarge(lengthBytes: number, maximumBytes: number): ProtocolError {
  return new ProtocolError(ReasonCode.PacketTooLarge, `packet of ${lengthBytes} bytes is larger than the maximum of ${maximumBytes}`);
}
