import { type Pieces, withCommas } from "../lists/pieces.js";

/** The other brokers of a cluster, as operators' questions get there. */
export interface Peers {
  /** This broker's name among them. */
  readonly self: string;
  /** Names of those that are there. */
  readonly names: readonly string[];
  /** Hands a question to `PeerQuestions.answer` there. Rejects if nothing comes back in time. */
  ask(peer: string, question: Uint8Array, withinMs: number): Promise<Uint8Array>;
}

/** How long another broker may take. */
export const PEER_WITHIN_MS = 3_000;

/** A request that another broker is to answer for itself alone. */
export interface Question {
  readonly method: string;
  /** Of the route, with `:name` where that stands. */
  readonly route: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: unknown;
  readonly body: unknown;
  readonly caller: { readonly name: string; readonly scope: "read" | "admin"; readonly address: string };
}

/** What comes back: a line of JSON, and then what goes out as it is, so that nobody reads long lists but who has asked for them. */
export interface Reply {
  readonly status: number;
  /** Where the page ended, of a list. */
  readonly cursor?: string | undefined;
  /** Entries of a list. */
  readonly count?: number;
  /** JSON, of a list its entries; empty for none. */
  readonly pieces: Pieces;
}

export function encodeReply({ pieces, ...head }: Reply): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...withCommas(pieces)]);
}

export function decodeReply(bytes: Uint8Array): Reply {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = all.indexOf(0x0a);
  const rest = all.subarray(end + 1);
  return { ...JSON.parse(all.toString("utf8", 0, end)), pieces: rest.length === 0 ? [] : [rest] };
}

/** Of anything but a list. */
export function jsonOf({ pieces }: Reply): unknown {
  return JSON.parse(Buffer.concat(pieces).toString());
}
