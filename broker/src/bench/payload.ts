import { randomBytes, randomUUID } from "node:crypto";

/** What can stand in front of a payload, 8 bytes each, big-endian: the number of the message, and when it left in milliseconds since 1970. */
export const PAYLOAD_HEADERS = ["cnt64", "ts"] as const;
export type PayloadHeader = (typeof PAYLOAD_HEADERS)[number];
export const HEADER_BYTES = 8;

/** Makes what messages carry. */
export interface PayloadMaker {
  /** For the client with that number; `nowMs` since 1970. The bytes may be the same array each time. */
  next(clientNumber: number, nowMs: number): Uint8Array;
}

const LETTER_A = 0x61;
const RANDOM_BYTES = 4;
const VARIABLE = /%(TIMESTAMPMS|TIMESTAMPUS|TIMESTAMPNS|TIMESTAMP|UNIQUE|RANDOM)%/g;

/** The letter a, that many times. */
export function filler(sizeBytes: number): PayloadMaker {
  return constant(new Uint8Array(sizeBytes).fill(LETTER_A));
}

export function constant(bytes: Uint8Array): PayloadMaker {
  return { next: () => bytes };
}

/** A text whose variables are replaced for each message: %TIMESTAMP% (s), %TIMESTAMPMS%, …US%, …NS%, %UNIQUE%, %RANDOM%. */
export function templated(text: string): PayloadMaker {
  if (text.search(VARIABLE) < 0) return constant(Buffer.from(text));
  return { next: (_, nowMs) => Buffer.from(text.replaceAll(VARIABLE, (_variable, name: string) => variableValue(name, nowMs))) };
}

function variableValue(name: string, nowMs: number): string {
  switch (name) {
    case "TIMESTAMP":
      return String(Math.floor(nowMs / 1000));
    case "TIMESTAMPMS":
      return String(nowMs);
    case "TIMESTAMPUS":
      return `${nowMs}000`;
    case "TIMESTAMPNS":
      return `${nowMs}000000`;
    case "UNIQUE":
      return randomUUID();
    default:
      return randomBytes(RANDOM_BYTES).toString("hex");
  }
}
