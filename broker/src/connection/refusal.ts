import { ReasonCode } from "../codec/reason-code.js";
import { CommitError } from "../session/commit-error.js";

/**
 * How a client is told that what it sent could not be made durable, or not be handed to other brokers: Quota exceeded (0x97) while the
 * disk is full, as some other broker or some later time may take it; else Implementation specific error (0x83), for a packet that is
 * valid and not accepted. Both are there for PUBACK, PUBREC, SUBACK, CONNACK and DISCONNECT.
 */
export function refusalOf(error: unknown): ReasonCode {
  return error instanceof CommitError && error.isForWantOfRoom ? ReasonCode.QuotaExceeded : ReasonCode.ImplementationSpecificError;
}
