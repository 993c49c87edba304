import { decode, encode } from "../../src/codec/codec.js";
import { packetLength } from "../../src/codec/frame.js";
import { PacketType, type ProtocolVersion } from "../../src/codec/packet.js";
import { INVALID, VALID } from "../codec/packets.js";
import { Random } from "../codec/random.js";
import { clientPacket, connectPacket, floodPackets } from "./client-packets.js";
import { frames, proxyHeader, upgradeRequest } from "./envelopes.js";
import { mutate } from "./mutate.js";

export type Transport = "tcp" | "ws" | "proxy";

/** How an attacker leaves: FIN, RST, closing without waiting, waiting for the broker to close, or saying nothing any more. */
export type Ending = "fin" | "reset" | "destroy" | "wait" | "silent";

/** What one attacker does on its connection. The same seed and number give the same script. */
export interface Script {
  readonly number: number;
  readonly transport: Transport;
  /** Written one after the other, each in a turn of the event loop of its own. */
  readonly chunks: readonly Uint8Array[];
  /** Whether the broker's first bytes are waited for after the first chunk. */
  readonly waitsForAnswer: boolean;
  /** Whether the attacker never reads. */
  readonly isDeaf: boolean;
  readonly ending: Ending;
  /** Mutated packets in it: not counting what is valid, sent twice, or repeated to flood. */
  readonly packets: number;
}

const VERSIONS: readonly ProtocolVersion[] = [3, 4, 5];
const TRANSPORTS: readonly Transport[] = ["tcp", "tcp", "tcp", "tcp", "tcp", "tcp", "tcp", "tcp", "ws", "proxy"];
const ENDINGS: readonly Ending[] = ["fin", "fin", "fin", "fin", "fin", "fin", "reset", "destroy", "destroy", "wait"];
const TABLE = [...VALID, ...INVALID].map(({ bytes }) => bytes);
const MOST_PACKETS = 40;
const MOST_TRIES = 8;
/** Spreads neighbouring numbers over the generator's states. */
const STRIDE = 0x9e37_79b1;

export function scriptOf(seed: number, number: number): Script {
  const random = new Random((seed + Math.imul(number, STRIDE)) | 0);
  const version = random.pick(VERSIONS);
  const isFlood = random.chance(400);
  const opening = openingOf(random, version, number);
  const attack = isFlood ? { bytes: flood(random, version), packets: 0 } : mutatedPackets(random, version);
  const transport = random.pick(TRANSPORTS);
  const body = Buffer.concat([opening.bytes, ...attack.bytes]);
  const bytes = transport === "ws" ? frames(random, body) : body;
  return {
    number,
    transport,
    chunks: [...preface(random, transport), ...split(random, bytes)],
    waitsForAnswer: random.chance(6),
    isDeaf: isFlood || random.chance(60),
    ending: random.chance(300) ? "silent" : random.pick(ENDINGS),
    packets: opening.packets + attack.packets,
  };
}

/** A valid CONNECT; one time in ten a mutated one, one time in thirty none. */
function openingOf(random: Random, version: ProtocolVersion, number: number): { bytes: Uint8Array; packets: number } {
  const bytes = encode(connectPacket(random, version, number), version);
  if (random.chance(30)) return { bytes: new Uint8Array(0), packets: 0 };
  return random.chance(10) ? { bytes: mutate(random, bytes, TABLE), packets: 1 } : { bytes, packets: 0 };
}

/** Packets until one that ends the connection, and a few more now and then, since bytes may follow that nobody is to look at. */
function mutatedPackets(random: Random, version: ProtocolVersion): { bytes: Uint8Array[]; packets: number } {
  const bytes: Uint8Array[] = [];
  let packets = 0;
  let left = random.integer(1, MOST_PACKETS);
  while (left-- > 0) {
    const original = random.chance(6) ? random.pick(TABLE) : encode(clientPacket(random, version), version);
    // The others are wrong in their order, or mean what they cannot mean here, or are as they should be.
    const isMutated = !random.chance(4);
    const packet = isMutated ? mutatedPacket(random, original, version) : original;
    if (isMutated && Buffer.compare(packet, original) !== 0) packets++;
    bytes.push(packet);
    if (random.chance(15)) bytes.push(packet);
    if (!isFine(packet, version)) left = Math.min(left, random.chance(4) ? 3 : 0);
  }
  if (random.chance(10)) bytes.reverse();
  return { bytes, packets };
}

/** Most mutations end the connection. So that the broker gets to see others as well, four of five are looked for among several. */
function mutatedPacket(random: Random, original: Uint8Array, version: ProtocolVersion): Uint8Array {
  let packet = mutate(random, original, TABLE);
  if (random.chance(5)) return packet;
  for (let tries = 1; tries < MOST_TRIES && !isFine(packet, version); tries++) packet = mutate(random, original, TABLE);
  return packet;
}

function isFine(packet: Uint8Array, version: ProtocolVersion): boolean {
  try {
    if (packetLength(packet, 0, packet.length) !== packet.length) return false;
    const { type } = decode(packet, 0, packet.length, version);
    return type !== PacketType.Disconnect && type !== PacketType.Connect;
  } catch {
    return false;
  }
}

/** More than the kernel's buffers hold, to a client that does not read. */
function flood(random: Random, version: ProtocolVersion): Uint8Array[] {
  const { subscribe, publish } = floodPackets(random, version);
  return [subscribe, ...Array.from({ length: random.integer(100, 700) }, () => publish)];
}

function preface(random: Random, transport: Transport): Uint8Array[] {
  if (transport === "ws") return split(random, upgradeRequest(random));
  return transport === "proxy" ? split(random, proxyHeader(random)) : [];
}

/** Mostly in one piece, else in up to six. */
function split(random: Random, bytes: Uint8Array): Uint8Array[] {
  if (!random.chance(3)) return [bytes];
  const cuts = random.list(1, 5, () => random.integer(0, bytes.length)).sort((a, b) => a - b);
  return [...cuts, bytes.length].map((end, i) => bytes.subarray(cuts[i - 1] ?? 0, end));
}
