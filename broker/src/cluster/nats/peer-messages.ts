import { ByteWriter } from "../../journal/byte-writer.js";
import { Deferred } from "../../journal/deferred.js";
import type { Message } from "../../message.js";
import { both } from "../../persistence/both.js";
import { writeMessage } from "../../persistence/message-record.js";
import type { GroupShare, Outgoing } from "../../persistence/outgoing.js";
import type { Place, Source } from "../../persistence/taken-numbers.js";
import type { SharedFilter } from "../../topics/topic-filter.js";
import { BatchIntake } from "./batch-intake.js";
import type { EntryDetails } from "./message-batch.js";
import { passOn } from "./pass-on.js";
import type { Peer } from "./peer.js";
import { encodeFrame, LONGEST_HEAD_BYTES, type PeerFrame } from "./peer-frames.js";
import { PeerInbox } from "./peer-inbox.js";
import { type Batch, noRoom, PeerLink, whenAllTaken } from "./peer-link.js";
import type { PeerMessagesOptions } from "./peer-messages-options.js";
import { Places } from "./places.js";
import type { RemoteGroup } from "./remote-group.js";
import { RouteTable } from "./route-table.js";

/** Routes of a peer that has left, taken out in one turn. */
const SWEPT_EACH_TURN = 1_000;
const LOOK_MS = 5;
const NO_GROUPS: readonly SharedFilter[] = [];

/** The messages from this broker to its peers and from them, and the table that says which peer is to get what. */
export class PeerMessages {
  readonly table: RouteTable<Peer>;
  readonly #options: PeerMessagesOptions;
  readonly #peers = new Map<string, Peer>();
  readonly #intake: BatchIntake;
  readonly #encoded = new ByteWriter();
  readonly #frame = new ByteWriter();
  /** Peers to which the turn has brought something. */
  readonly #busy = new Set<Peer>();
  readonly #places: Places;
  #isScheduled = false;
  #lastBatches: readonly Batch[] = [];
  #lastPromise: Promise<void> | undefined;

  constructor(options: PeerMessagesOptions) {
    this.#options = options;
    this.table = new RouteTable({ hashSeed: options.hashSeed });
    this.#intake = new BatchIntake(options);
    this.#places = new Places(options.self);
  }

  /** As Backplane.nextPlace. */
  nextPlace(): Place {
    return this.#places.next();
  }

  get(peer: string): Peer | undefined {
    return this.#peers.get(peer);
  }

  get unacknowledgedBytes(): number {
    let bytes = 0;
    for (const { link } of this.#peers.values()) bytes += link.inflightBytes;
    return bytes;
  }

  get isIdle(): boolean {
    for (const { link, isDead } of this.#peers.values()) if (!isDead && !link.isIdle) return false;
    return true;
  }

  join(id: string): Peer {
    const { engine, clock, maxInFlightBytes, maxBatchBytes } = this.#options;
    const link = new PeerLink({
      clock,
      maxInFlightBytes,
      maxBatchBytes,
      send: (sequence, bytes, isAgain) => this.#sendBatch(id, sequence, bytes, isAgain),
    });
    const inbox = new PeerInbox({
      take: (entries, sequence) => this.#intake.take(peer, entries, sequence),
      retry: () => this.#options.kept?.commit(),
      acknowledge: (received, accepted) =>
        engine.publish(this.#options.subjectOf(id), this.encode({ type: "acknowledgement", from: this.#options.self, received, accepted })),
    });
    const places = new Places(id);
    const peer: Peer = { id, link, inbox, origin: { broker: id, place: places }, places, isDead: false };
    this.#peers.set(id, peer);
    return peer;
  }

  leave(id: string): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    this.#peers.delete(id);
    this.#busy.delete(peer);
    peer.link.close();
    peer.inbox.close();
    this.table.forget(peer);
    const sweep = () => {
      if (this.table.sweep(SWEPT_EACH_TURN)) setImmediate(sweep);
    };
    sweep();
  }

  /** The peer is dead. Its routes hold, and what is for it waits, until it is known who has its sessions. */
  hold(id: string): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    peer.isDead = true;
    peer.link.hold();
    peer.inbox.close();
  }

  /**
   * Another has what a dead peer had, and the peer's batches up to that one. The rest goes to all, for those of its sessions that they have; then a
   * mark, as what is published from now on goes to who has them by their routes. None of its sessions has had any of that at QoS 2: it would be in the peer's
   * batches up to that one [MQTT-4.8.2-5].
   */
  settle(id: string, acceptedUpTo: number, token: string): void {
    const peer = this.#peers.get(id);
    const held = peer?.link.takeHeld() ?? [];
    this.leave(id);
    for (const batch of held) {
      if (batch.sequence <= acceptedUpTo) batch.settle();
      else {
        const { passedOn, delivered } = passOn(batch, { estate: id, places: this.#places, send: this.#toHeirs }, this.#options);
        // Whoever waits is told at once if it failed. It goes on all the same, and is over when all have it.
        for (const { accepted } of passedOn) accepted.catch((error: Error) => batch.settle(error));
        for (const wait of delivered) wait.catch((error: Error) => batch.settle(error));
        whenAllTaken(passedOn, () => {
          const isDurable = this.#options.kept!.durable(Promise.all(delivered));
          void isDurable.then(() => batch.settle());
        });
      }
    }
    for (const other of this.#peers.values()) if (!other.isDead) this.mark(other.id, token);
  }

  /** Marks the way to a peer. */
  mark(id: string, token: string): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    peer.link.mark(token);
    this.#schedule(peer);
  }

  /** Sends a session to a peer; resolves when it has it durable. Undefined: the peer is gone. */
  putSession(id: string, clientId: string, records: Uint8Array): Promise<void> | undefined {
    const peer = this.#peers.get(id);
    if (peer === undefined || peer.isDead) return undefined;
    const { accepted } = peer.link.putSession(clientId, records);
    this.#schedule(peer);
    return accepted;
  }

  keeps(shared: SharedFilter): boolean {
    const { shareStrategy, random } = this.#options;
    return this.table.group(shared.filter, shared.shareName)?.keeps(shareStrategy(), random) ?? true;
  }

  /** As Backplane.publish. `onTaken` is called when all who get it have it, however long that takes. */
  publish(
    message: Message,
    kept: readonly SharedFilter[],
    source?: Source,
    onTaken?: () => void,
    place?: Place,
  ): Promise<void> | undefined {
    const { peers, groups } = this.table.interest(message.topic);
    if (peers.length === 0 && groups.length === 0) {
      onTaken?.();
      return undefined;
    }
    const bytes = this.#encode(message);
    const chosen = groups.length === 0 ? undefined : this.#choose(groups, kept);
    const isAwaited = message.qos > 0 && this.#options.isAwaited;
    const batches: Batch[] | undefined = isAwaited || onTaken !== undefined ? [] : undefined;
    const details = source && { source };
    let isRefused = false;
    for (let i = 0; i < peers.length; i++) {
      if (!this.#put(peers[i]!, true, chosen?.get(peers[i]!) ?? NO_GROUPS, bytes, batches, details, place?.number)) isRefused = true;
    }
    if (chosen !== undefined) {
      for (const [peer, shared] of chosen) {
        if (!peers.includes(peer) && !this.#put(peer, false, shared, bytes, batches, details)) isRefused = true;
      }
    }
    if (onTaken !== undefined) whenAllTaken(batches!, onTaken);
    if (isAwaited) return isRefused ? this.#refuse() : this.#accepted(batches!);
    if (isRefused) this.#options.counters.messagesDropped++;
    return undefined;
  }

  /** The peer that gets the next message of a group that has no members here; undefined if none has. */
  memberOf({ shareName, filter }: SharedFilter): Peer | undefined {
    const { shareStrategy, random } = this.#options;
    return this.table.group(filter, shareName)?.pick(shareStrategy(), random);
  }

  /** Hands a message to a member elsewhere, with nothing kept of it here. False: there is none, or no room on the way to it. */
  handOn(message: Message, group: SharedFilter): boolean {
    const peer = this.memberOf(group);
    return peer !== undefined && this.#put(peer, false, [group], this.#encode(message), undefined, undefined);
  }

  /** Takes in a batch or an acknowledgement. Nothing of who is no member, or not yet. */
  receive(frame: PeerFrame): void {
    const peer = this.#peers.get(frame.from);
    if (peer === undefined || peer.isDead) return;
    if (frame.type === "acknowledgement") peer.link.acknowledged(frame.received, frame.accepted);
    if (frame.type !== "batch") return;
    peer.inbox.receive(frame.sequence, frame.part, frame.parts, frame.bytes);
    if (peer.inbox.hasNews) this.#schedule(peer);
  }

  /** To be called every second, and `atOnce` when the engine is back. */
  resend(atOnce = false): void {
    for (const { link } of this.#peers.values()) link.resend(atOnce);
  }

  /** This life of the broker is over: peers are told of nothing any more that it were here. */
  close(): void {
    for (const { inbox } of this.#peers.values()) inbox.close();
  }

  /** Whoever waits for peers is told that it failed. */
  reject(error: Error): void {
    for (const { link } of this.#peers.values()) link.reject(error);
    this.#lastBatches = [];
  }

  encode(frame: PeerFrame): Uint8Array {
    return encodeFrame(this.#frame, frame);
  }

  /** Resolves when all peers that live have what has been sent to them until now, or it `isOver`. */
  async allHave(isOver: () => boolean): Promise<void> {
    const sent = Array.from(this.#peers.values(), (peer) => ({ peer, sequence: peer.link.sequence }));
    const isMissing = () => sent.some(({ peer, sequence }) => !peer.isDead && peer.link.acceptedUpTo < sequence);
    while (isMissing() && !isOver()) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }

  /** Whom the groups' messages to a topic go to. */
  shares(topic: string, kept: readonly SharedFilter[]): GroupShare[] {
    const { groups } = this.table.interest(topic);
    const chosen = groups.length === 0 ? [] : [...this.#choose(groups, kept)];
    return chosen.flatMap(([{ id }, shared]) => shared.map(({ shareName, filter }) => ({ shareName, filter, broker: id })));
  }

  /**
   * Publishes a message under its number. One of a dead broker's estate goes to all members, and to all sessions here: they know whether they
   * have had it; so does one that is sent `isAgain`, as sessions may have changed over since it was taken. Resolves when all have it durable, however long that takes.
   */
  publishOnce(
    { origin, number, message, toSubscribers, groups }: Outgoing,
    floor: number,
    estate: string | undefined,
    isAgain: boolean,
  ): Promise<void> {
    const { self, deliver } = this.#options;
    const bytes = Uint8Array.from(this.#encode(message));
    const all =
      estate === undefined ? this.table.interest(message.topic).peers : [...this.#peers.values()].filter(({ id }) => id !== estate);
    const peers = toSubscribers ? all : [];
    const source = { origin, number, floor };
    const isOvertaken = estate !== undefined && this.#intake.hasLater(source);
    const isNewHere = estate !== undefined && this.#intake.isNew(source);
    const to = new Set(peers);
    const here: SharedFilter[] = [];
    for (const group of groups) {
      const peer = this.#peers.get(group.broker);
      if (peer !== undefined) to.add(peer);
      else if ((group.broker !== self || isNewHere) && !this.#options.kept?.wasHadForGroup(group.broker, source)) {
        here.push(group); // its broker is gone
        this.#options.kept?.dealt(source, group.broker);
      }
    }
    const batches: Batch[] = [];
    for (const peer of to) {
      const shared = groups.filter(({ broker }) => broker === peer.id);
      batches.push(peer.link.putAnyway(peers.includes(peer), shared, bytes, { source, isAgain }));
      this.#schedule(peer);
    }
    const delivered =
      here.length > 0 || (isAgain && toSubscribers)
        ? deliver(
            message,
            { toSubscribers: toSubscribers && isAgain, groups: here },
            { broker: self, source, isAgain, isRepeated: !isNewHere || isOvertaken },
          )
        : undefined;
    const taken = new Deferred();
    whenAllTaken(batches, taken.resolve);
    if (delivered === undefined) return taken.promise;
    return Promise.all([taken.promise, this.#options.kept!.durable(delivered)]).then(() => {});
  }

  /** To all that live, for the sessions of a dead broker that they have. */
  readonly #toHeirs = (estate: string, message: Message, about: EntryDetails, place: number): readonly Batch[] => {
    const encoded = Uint8Array.from(this.#encode(message));
    const living = [...this.#peers.values()].filter(({ isDead }) => !isDead);
    return living.map((peer) => {
      this.#schedule(peer);
      return peer.link.putAnyway(true, NO_GROUPS, encoded, { ...about, estate }, place);
    });
  };

  #encode(message: Message): Uint8Array {
    this.#encoded.reset(0);
    writeMessage(this.#encoded, message);
    return this.#encoded.bytes.subarray(0, this.#encoded.length);
  }

  #choose(groups: readonly RemoteGroup<Peer>[], kept: readonly SharedFilter[]): Map<Peer, SharedFilter[]> {
    const { shareStrategy, random } = this.#options;
    const chosen = new Map<Peer, SharedFilter[]>();
    for (const group of groups) {
      const { shareName, filter } = group.shared;
      if (kept.some((other) => other.shareName === shareName && other.filter === filter)) continue;
      const peer = group.pick(shareStrategy(), random);
      if (peer === undefined) continue;
      const shared = chosen.get(peer);
      if (shared === undefined) chosen.set(peer, [group.shared]);
      else shared.push(group.shared);
    }
    return chosen;
  }

  /** False: there is no room on the way to it. */
  #put(
    peer: Peer,
    toSubscribers: boolean,
    groups: readonly SharedFilter[],
    message: Uint8Array,
    batches: Batch[] | undefined,
    details: EntryDetails | undefined,
    place?: number,
  ): boolean {
    const batch = peer.link.put(toSubscribers, groups, message, details, place);
    if (batch === undefined) return false;
    batches?.push(batch);
    this.#options.counters.messagesSent++;
    this.#schedule(peer);
    return true;
  }

  /** One promise for all messages of a turn to the same peers. */
  #accepted(batches: readonly Batch[]): Promise<void> | undefined {
    const last = this.#lastBatches;
    if (batches.length === last.length && batches.every((batch, at) => batch === last[at])) return this.#lastPromise;
    this.#lastBatches = batches;
    this.#lastPromise = batches.reduce<Promise<void> | undefined>((all, { accepted }) => both(all, accepted), undefined);
    return this.#lastPromise;
  }

  #refuse(): Promise<void> {
    this.#options.counters.messagesRefused++;
    return Promise.reject(noRoom());
  }

  #schedule(peer: Peer): void {
    this.#busy.add(peer);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#endTurn);
  }

  readonly #endTurn = (): void => {
    this.#isScheduled = false;
    for (const { link, inbox } of this.#busy) {
      link.flush();
      inbox.report();
    }
    this.#busy.clear();
  };

  #sendBatch(id: string, sequence: number, bytes: Uint8Array, isAgain: boolean): boolean {
    const { engine, self, subjectOf, counters } = this.#options;
    const room = engine.maxPayloadBytes - LONGEST_HEAD_BYTES;
    const parts = Math.max(1, Math.ceil(bytes.length / room));
    counters.batchesSent++;
    if (isAgain) counters.batchesResent++;
    for (let part = 0; part < parts; part++) {
      const piece = bytes.subarray(part * room, (part + 1) * room);
      if (!engine.publish(subjectOf(id), this.encode({ type: "batch", from: self, sequence, part, parts, bytes: piece }))) return false;
    }
    return true;
  }
}
