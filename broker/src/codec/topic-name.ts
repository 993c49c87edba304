import { malformed, ProtocolError } from "./protocol-error.js";
import { ReasonCode } from "./reason-code.js";
import { decodeUtf8 } from "./utf8.js";

const PLUS = 0x2b;
const HASH = 0x23;

/**
 * The topic name in `bytes[start, end)`: well-formed UTF-8 without wildcards [MQTT-3.3.2-2] [MQTT-3.3.2-14].
 *
 * Whether it may be empty is the caller's question. Wildcards are looked for in the bytes, where `+` and `#` cannot be part
 * of a longer character.
 */
export function decodeTopicName(bytes: Uint8Array, start: number, end: number, field: string): string {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === PLUS || byte === HASH) throw topicNameInvalid(`${field} contains a wildcard`);
  }
  return decodeUtf8(bytes, start, end, field);
}

/** A topic name or filter needs at least one character [MQTT-4.7.3-1]. */
export function requireCharacters(topic: string, field: string): string {
  if (topic.length === 0) throw malformed(`${field} is empty`);
  return topic;
}

function topicNameInvalid(message: string): ProtocolError {
  return new ProtocolError(ReasonCode.TopicNameInvalid, message);
}
