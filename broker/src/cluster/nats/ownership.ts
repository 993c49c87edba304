import { ClientMap } from "../../client-map.js";
import type { Engine } from "./engine.js";
import { EngineUnavailableError, LostRaceError } from "./engine-errors.js";
import { decodeClaim, encodeClaim, OwnerSubjects, TOMBSTONE, TOMBSTONE_SECONDS } from "./owner-records.js";
import { ClaimError, PendingClaim, SUPERSEDED } from "./pending-claim.js";
import { Queues } from "./queues.js";

export interface OwnershipOptions {
  readonly engine: Engine;
  /** First part of all subjects: `mqttd.<cluster>`. */
  readonly prefix: string;
  readonly brokerId: string;
  /** `nats.ownerShards`. */
  readonly shards: number;
  /** How long a claim may take in all. @default 10000 */
  readonly timeLimitMs?: number;

  /**
   * Whether a broker has joined and not left. Asked for the previous owner of a client. Must not say false of one that has joined without
   * this broker having read so yet, as it may have claimed since: a client would have two owners.
   */
  isMember(brokerId: string): boolean | Promise<boolean>;

  /**
   * Asks a peer to give up what it has of a client by claims before that sequence; resolves when it has. A rejection counts as no answer:
   * it is asked again while it is a member.
   */
  askToHandOver(brokerId: string, clientId: string, beforeSequence: number): Promise<void>;

  /**
   * Asks all members for what they have of a client that a former owner had which has left, as `askToHandOver` asks one.
   * @default - it had nothing that outlives it
   */
  askEveryone?(clientId: string, beforeSequence: number): Promise<void>;

  /** A client that was ours is not any more: end its connection. Whoever has it now waits for the promise. */
  onLost(clientId: string): void | Promise<void>;
}

/** Plain numbers, for $SYS and metrics. */
export interface OwnershipCounters {
  claims: number;
  claimsFailed: number;
  /** Of the claims, those that a peer had to hand over. */
  takeovers: number;
  /** Clients that peers have taken. */
  lost: number;
  /** Writes of claims that another broker preceded; each is repeated. */
  lostRaces: number;
  releases: number;
  releasesFailed: number;
}

const TIME_LIMIT_MS = 10_000;
/** Between two requests to a peer that does not answer. */
const ASK_AGAIN_MS = 250;
/** Clients released of late: coming back here, they are claimed with one write instead of three messages. */
const MOST_RELEASED = 10_000;
/** A claim that names more former owners is written again without them, once they have handed over. */
const MOST_FORMER = 3;

/**
 * Which clients are this broker's, by compare-and-set: a client has a subject, and whoever wrote the last claim there owns it. The stream
 * orders the claims, so that any race has one winner. The winner asks the owner before it to hand over; a claim waits only for claims that
 * came before it, hence never in a circle. A claim that another follows before it is done is lost.
 *
 * A claim also names the owners before it, as whoever wrote it may lose it, or die, before they have handed over: the next asks them too.
 */
export class Ownership {
  readonly counters: OwnershipCounters = {
    claims: 0,
    claimsFailed: 0,
    takeovers: 0,
    lost: 0,
    lostRaces: 0,
    releases: 0,
    releasesFailed: 0,
  };
  readonly #options: OwnershipOptions;
  readonly #subjects: OwnerSubjects;
  /** Sequence of the claim by which a client is ours. Bounded by the clients of this broker. */
  readonly #held = new ClientMap<number>();
  /** Sequence of the tombstone, the newest last. */
  readonly #released = new Map<string, number>();
  readonly #queues = new Queues();
  /** The claim of a client that is under way. */
  readonly #pending = new Map<string, PendingClaim>();
  #hasStopped = false;

  constructor(options: OwnershipOptions) {
    this.#options = options;
    this.#subjects = new OwnerSubjects(options.prefix, options.shards);
  }

  /** Clients that are ours. */
  get size(): number {
    return this.#held.size;
  }

  /** To be asked again by who has waited for anything after the claim. */
  owns(clientId: string): boolean {
    return this.#held.has(clientId);
  }

  /** Who has claimed a client last; undefined if it has been released since. Rejects with an EngineUnavailableError if that is not to be had. */
  async ownerOf(clientId: string): Promise<string | undefined> {
    const { subject, stream } = this.#subjects.of(clientId);
    const last = await this.#options.engine.lastMessage(stream, subject);
    return last && decodeClaim(last.bytes)?.brokerId;
  }

  /** Whether it is ours by a claim of that sequence, or a later one, or will be if no other follows that. */
  ownsSince(clientId: string, sequence: number): boolean {
    return Math.max(this.#held.get(clientId) ?? 0, this.#pending.get(clientId)?.sequence ?? 0) >= sequence;
  }

  /** Whether the claim of that sequence is under way, and none is known that follows it: what peers hand over for another is not to come here. */
  isClaiming(clientId: string, sequence: number): boolean {
    const pending = this.#pending.get(clientId);
    return pending !== undefined && pending.sequence === sequence && !pending.isSuperseded;
  }

  /**
   * Makes a client ours alone; resolves with the id of the broker that handed it over, if one did. Rejects with a ClaimError or an
   * EngineUnavailableError: then it is not ours by this claim.
   */
  claim(clientId: string): Promise<string | undefined> {
    return this.#queues.add(clientId, "claim", async () => {
      const claim = new PendingClaim(clientId, performance.now() + (this.#options.timeLimitMs ?? TIME_LIMIT_MS));
      this.#pending.set(clientId, claim);
      try {
        const previous = await this.#claim(claim);
        this.counters.claims++;
        return previous;
      } catch (error) {
        this.counters.claimsFailed++;
        throw error;
      } finally {
        this.#pending.delete(clientId);
        claim.settle();
      }
    });
  }

  /**
   * Gives up a client; never rejects. Does nothing while a claim to it is under way or waits, as that decides. Not to be called for an older
   * session between a claim and the session that it is for.
   */
  async release(clientId: string): Promise<void> {
    const sequence = this.#held.get(clientId);
    if (sequence === undefined || this.#queues.hasClaim(clientId)) return;
    this.#held.delete(clientId);
    await this.#queues.add(clientId, "release", () => this.#bury(clientId, sequence));
  }

  /**
   * A peer has claimed the client with that sequence. Resolves when this broker has nothing of it any more by claims that came before; the
   * peer is to be told then.
   */
  async takenOver(clientId: string, beforeSequence: number): Promise<void> {
    await this.#pending.get(clientId)?.supersede(beforeSequence);
    // Whoever claimed it may have been told this very moment, and has yet to bring the connection that is to be ended.
    await new Promise((resolve) => setImmediate(resolve));
    const held = this.#held.get(clientId);
    if (held !== undefined && held < beforeSequence) await this.#lose(clientId);
  }

  /** Takes nothing new, lets what is under way end soon, and forgets all. Claims stay in the stream: a broker that has left owns nothing. */
  stop(): void {
    this.#hasStopped = true;
    for (const claim of this.#pending.values()) claim.giveUp();
    this.#held.clear();
    this.#released.clear();
  }

  async #claim(claim: PendingClaim): Promise<string | undefined> {
    const { clientId } = claim;
    const former = await this.#write(claim);
    // On failure the claim stays as it is: it names them, so that the next owner asks them again.
    const handedOver = await Promise.all(former.map((brokerId) => this.#handedOver(brokerId, claim)));
    if (former.length > MOST_FORMER) await this.#writeAgain(claim);
    if (claim.isSuperseded) throw new ClaimError(clientId, SUPERSEDED);
    if (this.#hasStopped) throw new ClaimError(clientId, "the broker stops");
    this.#held.set(clientId, claim.sequence!);
    return former.find((_, index) => handedOver[index]);
  }

  /** Becomes the last to have claimed; resolves with the brokers that may have it from before, the last one first. */
  async #write(claim: PendingClaim): Promise<readonly string[]> {
    const { engine, brokerId } = this.#options;
    const { clientId } = claim;
    const { subject, stream } = this.#subjects.of(clientId);
    let expected = this.#held.get(clientId) ?? this.#released.get(clientId) ?? 0;
    let former: readonly string[] = [];
    this.#released.delete(clientId);
    for (;;) {
      if (this.#hasStopped || claim.isLate) throw new ClaimError(clientId, "it took too long");
      try {
        const record = encodeClaim({ brokerId, clientId, former });
        const { sequence } = await engine.append(subject, record, { expectedLastSubjectSequence: expected });
        claim.written(sequence);
        return former;
      } catch (error) {
        const isLost = error instanceof LostRaceError;
        if (!isLost && !(error instanceof EngineUnavailableError && error.isOutcomeUnknown)) throw error;
        if (isLost) this.counters.lostRaces++;
      }
      const last = await engine.lastMessage(stream, subject);
      const owner = last && decodeClaim(last.bytes);
      expected = last?.sequence ?? 0;
      // Ours, too, if an attempt was stored whose answer did not come, now or long ago: whom it names may not have been asked.
      const isOurs = owner?.brokerId === brokerId;
      if (!isOurs && this.#held.has(clientId)) await this.#lose(clientId); // the peer may be gone before it asks for it
      if (isOurs && this.#held.get(clientId) === expected) former = [];
      else former = owner === undefined ? [] : withoutRepeats([owner.brokerId, ...owner.former], brokerId);
    }
  }

  /** So that the next owner need not ask all that ever had it. If that cannot be written, it has to. */
  async #writeAgain(claim: PendingClaim): Promise<void> {
    const { engine, brokerId } = this.#options;
    const { clientId } = claim;
    const record = encodeClaim({ brokerId, clientId, former: [] });
    const expectedLastSubjectSequence = claim.sequence!;
    try {
      const { sequence } = await engine.append(this.#subjects.of(clientId).subject, record, { expectedLastSubjectSequence });
      claim.written(sequence);
    } catch (error) {
      if (error instanceof LostRaceError) this.counters.lostRaces++;
    }
  }

  /** Whether a former owner has handed the client over; false if it has left. */
  async #handedOver(former: string, claim: PendingClaim): Promise<boolean> {
    const { isMember, askToHandOver, askEveryone } = this.#options;
    const { clientId } = claim;
    while (await claim.inTime(isMember(former))) {
      if (claim.isSuperseded) throw new ClaimError(clientId, SUPERSEDED);
      if (this.#hasStopped || claim.isLate) throw new ClaimError(clientId, `${former} does not hand it over`);
      try {
        await claim.inTime(askToHandOver(former, clientId, claim.sequence!));
        this.counters.takeovers++;
        return true;
      } catch {
        await claim.pause(ASK_AGAIN_MS);
      }
    }
    if (askEveryone !== undefined) await this.#askEveryone(former, claim);
    return false;
  }

  async #askEveryone(former: string, claim: PendingClaim): Promise<void> {
    const { clientId } = claim;
    for (;;) {
      if (claim.isSuperseded) throw new ClaimError(clientId, SUPERSEDED);
      if (this.#hasStopped || claim.isLate) throw new ClaimError(clientId, `what ${former} has left is not to be had`);
      try {
        await claim.inTime(this.#options.askEveryone!(clientId, claim.sequence!));
        return;
      } catch {
        await claim.pause(ASK_AGAIN_MS);
      }
    }
  }

  async #lose(clientId: string): Promise<void> {
    this.#held.delete(clientId);
    this.counters.lost++;
    await this.#options.onLost(clientId);
  }

  /** Puts a tombstone on our claim, unless another has come. If it cannot be written, the next owner asks us and is told at once. */
  async #bury(clientId: string, sequence: number): Promise<void> {
    const { subject } = this.#subjects.of(clientId);
    const options = { expectedLastSubjectSequence: sequence, ttlSeconds: TOMBSTONE_SECONDS };
    try {
      const buried = await this.#options.engine.append(subject, TOMBSTONE, options);
      this.counters.releases++;
      this.#remember(clientId, buried.sequence);
    } catch (error) {
      if (!(error instanceof LostRaceError)) this.counters.releasesFailed++;
    }
  }

  #remember(clientId: string, sequence: number): void {
    if (this.#hasStopped) return;
    this.#released.delete(clientId);
    this.#released.set(clientId, sequence);
    if (this.#released.size > MOST_RELEASED) this.#released.delete(this.#released.keys().next().value!);
  }
}

function withoutRepeats(brokerIds: readonly string[], own: string): readonly string[] {
  return [...new Set(brokerIds)].filter((brokerId) => brokerId !== own);
}
