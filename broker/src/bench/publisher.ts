import { PacketType } from "../codec/packet.js";
import type { BenchClient } from "./client.js";
import type { BenchOptions, PublishOptions } from "./options.js";
import type { Batch, PublishShape } from "./publish-frames.js";
import type { Role } from "./role.js";
import type { Tallies } from "./tallies.js";
import { UnderWay } from "./under-way.js";

const PUBREL = 0x62;
const FAILED = 0x80;
const NO_MATCHING_SUBSCRIBERS = 0x10;
/** What one client writes in one go where nothing paces it. */
const MOST_BATCH_BYTES = 65_536;

/** What all publishers of a process share. */
export interface PublisherContext {
  readonly options: BenchOptions;
  readonly publish: PublishOptions;
  readonly tallies: Tallies;
  /** Empty between writes. */
  readonly batch: Batch;
  readonly shapes: readonly PublishShape[];
  /** Whether there is one more message to publish; takes it from the limit. */
  takeOne(): boolean;
  topicOf(client: BenchClient, plan: number, sequence: number): Uint8Array;
  /** Whether a topic may differ from message to message. */
  readonly isTopicPerMessage: readonly boolean[];
  /** Its turn has come, now or when it was connected again. */
  ready(client: BenchClient, isFirst: boolean): void;
  /** It has room for messages again. */
  hasRoom(client: BenchClient): void;
  /** A message is through, or never will be. */
  settled(): void;
}

/** Publishes when it is told to, and keeps account of what the broker has not acknowledged. */
export class Publisher implements Role {
  readonly #context: PublisherContext;
  readonly #topics: (Uint8Array | undefined)[] = [];
  #underWay: UnderWay | undefined;
  /** When what is being handled was read: asked for once a read. */
  #readMs = 0;
  /** Of the last message, by topic. */
  readonly #sequences: number[] = [];
  #window: number;
  #hasBegun = false;

  constructor(context: PublisherContext) {
    this.#context = context;
    this.#window = context.publish.inflight;
  }

  get underWay(): number {
    return this.#underWay?.size ?? 0;
  }

  onConnected(client: BenchClient, _nowMs: number, receiveMaximum: number): void {
    this.#window = Math.min(this.#context.publish.inflight, receiveMaximum);
    this.#context.ready(client, !this.#hasBegun);
    this.#hasBegun = true;
  }

  /** One message of a topic, if the window and the connection have room; "full" if not, "done" if there are no more to send. */
  send(client: BenchClient, plan: number): "sent" | "full" | "done" {
    if (client.isFull || !this.#hasWindow(plan)) return "full";
    if (!this.#context.takeOne()) return "done";
    this.#put(client, plan, performance.now(), Date.now());
    client.write(this.#context.batch.take());
    return "sent";
  }

  /** As many of the first topic as there is room for. */
  sendAll(client: BenchClient): "sent" | "full" | "done" {
    if (client.isFull) return "full";
    const { batch } = this.#context;
    const nowMs = performance.now();
    const wallMs = Date.now();
    let isDone = false;
    while (batch.end < MOST_BATCH_BYTES && this.#hasWindow(0)) {
      isDone = !this.#context.takeOne();
      if (isDone) break;
      this.#put(client, 0, nowMs, wallMs);
    }
    if (batch.end > 0) client.write(batch.take());
    if (isDone) return "done";
    return this.#hasWindow(0) && !client.isFull ? "sent" : "full";
  }

  onFrame(_client: BenchClient, bytes: Uint8Array, start: number, end: number): void {
    const type = bytes[start]! >> 4;
    // A remaining length of more than 2 says why.
    const reasonCode = end - start > 4 ? bytes[start + 4]! : 0;
    if (type === PacketType.Pubrec && reasonCode < FAILED) {
      this.#context.batch.acknowledge(PUBREL, bytes, start + 2);
      if (reasonCode === NO_MATCHING_SUBSCRIBERS) this.#context.tallies.counts.pub_nosub++;
    } else if (type === PacketType.Puback || type === PacketType.Pubrec || type === PacketType.Pubcomp) {
      this.#completed((bytes[start + 2]! << 8) | bytes[start + 3]!, reasonCode);
    }
  }

  afterRead(client: BenchClient): void {
    const { batch } = this.#context;
    this.#readMs = 0;
    if (batch.end > 0) client.write(batch.take());
    this.#context.hasRoom(client);
  }

  onDrain(client: BenchClient): void {
    this.#context.hasRoom(client);
  }

  /** Sessions are not kept here: whether that came is not known. */
  onLost(): void {
    this.#underWay?.clear();
    this.#context.settled();
  }

  #hasWindow(plan: number): boolean {
    return this.#context.shapes[plan]!.qos === 0 || this.underWay < this.#window;
  }

  #put(client: BenchClient, plan: number, nowMs: number, wallMs: number): void {
    const { batch, shapes, tallies, publish } = this.#context;
    const shape = shapes[plan]!;
    const sequence = (this.#sequences[plan] ?? 0) + 1;
    this.#sequences[plan] = sequence;
    let packetId = 0;
    if (shape.qos > 0) {
      this.#underWay ??= new UnderWay();
      packetId = this.#underWay.add(nowMs);
    }
    batch.publish(
      shape,
      this.#topic(client, plan, sequence),
      publish.topics[plan]!.payload.next(client.number, wallMs),
      packetId,
      sequence,
      wallMs,
    );
    tallies.counts.pub++;
  }

  #topic(client: BenchClient, plan: number, sequence: number): Uint8Array {
    const { isTopicPerMessage } = this.#context;
    if (isTopicPerMessage[plan]) return this.#context.topicOf(client, plan, sequence);
    this.#topics[plan] ??= this.#context.topicOf(client, plan, sequence);
    return this.#topics[plan];
  }

  #completed(packetId: number, reasonCode: number): void {
    const sentMs = this.#underWay?.complete(packetId);
    if (sentMs === undefined) return;
    const { tallies } = this.#context;
    if (reasonCode >= FAILED) tallies.counts.pub_fail++;
    else {
      tallies.counts.pub_succ++;
      if (reasonCode === NO_MATCHING_SUBSCRIBERS) tallies.counts.pub_nosub++;
      if (this.#readMs === 0) this.#readMs = performance.now();
      tallies.durations.publish_latency.record((this.#readMs - sentMs) * 1_000);
    }
    this.#context.settled();
  }
}
