import { decode, encode } from "../codec/codec.js";
import { PacketType, type SubackPacket } from "../codec/packet.js";
import { PublishFrame } from "../codec/publish-frame.js";
import type { BenchClient } from "./client.js";
import type { BenchOptions } from "./options.js";
import { HEADER_BYTES } from "./payload.js";
import { type Batch, readNumber } from "./publish-frames.js";
import type { Role } from "./role.js";
import { SequenceTrack } from "./sequence-track.js";
import type { Tallies } from "./tallies.js";

const PUBACK = 0x40;
const PUBREC = 0x50;
const PUBCOMP = 0x70;
const FAILED = 0x80;
const NO_TOPIC = new Uint8Array(0);

/** What all subscribers of a process share. */
export interface SubscriberContext {
  readonly options: BenchOptions;
  readonly tallies: Tallies;
  /** For acknowledgements of one read; empty between reads. */
  readonly batch: Batch;
  filtersOf(client: BenchClient): readonly string[];
  subscribed(client: BenchClient, tookMs: number): void;
}

/** Where the parts of the PUBLISH under way are; one for all, as reads do not interleave. */
const frame = new PublishFrame();

/** Subscribes, acknowledges and counts; by payload headers it also finds what is lost, comes twice or late. */
export class Subscriber implements Role {
  readonly #context: SubscriberContext;
  #subscribedMs = 0;
  /** By topic; only with the header cnt64. */
  #tracks: Map<string, SequenceTrack> | undefined;
  #lastTopic: Uint8Array = NO_TOPIC;
  #lastTrack: SequenceTrack | undefined;

  constructor(context: SubscriberContext) {
    this.#context = context;
  }

  onConnected(client: BenchClient, nowMs: number): void {
    const { options } = this.#context;
    this.#subscribedMs = nowMs;
    const subscriptions = this.#context
      .filtersOf(client)
      .map((topicFilter) => ({ topicFilter, qos: options.qos, noLocal: false, retainAsPublished: false, retainHandling: 0 }) as const);
    client.write(encode({ type: PacketType.Subscribe, packetId: 1, properties: {}, subscriptions }, options.version));
  }

  onFrame(client: BenchClient, bytes: Uint8Array, start: number, end: number): void {
    const type = bytes[start]! >> 4;
    if (type === PacketType.Publish) this.#onPublish(bytes, start, end);
    else if (type === PacketType.Pubrel) this.#context.batch.acknowledge(PUBCOMP, bytes, start + 2);
    else if (type === PacketType.Suback) this.#onSuback(client, bytes, start, end);
  }

  afterRead(client: BenchClient): void {
    const { batch } = this.#context;
    if (batch.end > 0) client.write(batch.take());
  }

  onDrain(): void {}

  onLost(): void {}

  #onSuback(client: BenchClient, bytes: Uint8Array, start: number, end: number): void {
    const { tallies, options } = this.#context;
    const { reasonCodes } = decode(bytes, start, end, options.version) as SubackPacket;
    for (const code of reasonCodes) tallies.counts[code >= FAILED ? "sub_fail" : "sub"]++;
    this.#context.subscribed(client, performance.now() - this.#subscribedMs);
  }

  #onPublish(bytes: Uint8Array, start: number, end: number): void {
    const { tallies, options, batch } = this.#context;
    tallies.counts.recv++;
    const flags = bytes[start]! & 0x0f;
    if ((flags & 0x06) === 0 && options.payloadHeaders.length === 0) return;
    let body = start + 1;
    while (bytes[body]! >= 0x80) body++;
    frame.readTopic(bytes, flags, body + 1, end);
    frame.readRest(bytes, end, options.version);
    if (frame.qos > 0) batch.acknowledge(frame.qos === 1 ? PUBACK : PUBREC, bytes, frame.topicEnd);
    let at = frame.payloadStart;
    for (const header of options.payloadHeaders) {
      if (at + HEADER_BYTES > end) return;
      const value = readNumber(bytes, at);
      // To the millisecond; clocks of two machines may differ by more than a message takes.
      if (header === "ts") tallies.durations.e2e_latency.record((Date.now() - value) * 1_000);
      else this.#number(bytes, value);
      at += HEADER_BYTES;
    }
  }

  #number(bytes: Uint8Array, number: number): void {
    const { counts } = this.#context.tallies;
    const track = this.#trackOf(bytes.subarray(frame.topicStart, frame.topicEnd), number);
    counts.lost += track.gapBefore(number);
    const arrival = track.arrived(number);
    if (arrival === "next") return;
    counts[arrival]++;
    if (arrival === "reordered") counts.lost--;
  }

  #trackOf(topic: Uint8Array, first: number): SequenceTrack {
    if (this.#lastTrack !== undefined && isEqual(topic, this.#lastTopic)) return this.#lastTrack;
    this.#tracks ??= new Map();
    const name = Buffer.from(topic).toString("latin1");
    let track = this.#tracks.get(name);
    if (track === undefined) {
      track = new SequenceTrack(first);
      this.#tracks.set(name, track);
    }
    this.#lastTopic = topic.slice();
    this.#lastTrack = track;
    return track;
  }
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}
