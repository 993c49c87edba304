import { Deferred } from "../../journal/deferred.js";
import type { AppliedWaits } from "./applied-waits.js";
import type { Engine } from "./engine.js";
import { LostRaceError } from "./engine-errors.js";
import { encodeRecord, type RouteRecord } from "./route-records.js";

/** Texts of a record, in characters: at most three bytes each, far below the server's limit of a message. */
const RECORD_CHARACTERS = 128 * 1024;
/** The log is written anew when it has more entries than this, and more than twice those that hold. */
const LEAST_COMPACTED = 1_000;
const RETRY_AFTER_MS = 250;
/** Dead brokers whose sessions this one has taken over, and says so again: of the others, nothing else is left in the log by then. */
const MOST_ADOPTED = 1_000;

export interface RouteWriterOptions {
  readonly engine: Engine;
  readonly stream: string;
  /** This broker's own; nobody else writes to it. */
  readonly subject: string;
  readonly waits: AppliedWaits;
  /** Others have removed what this broker had written: they take it for dead. */
  readonly onLost: () => void;
}

/** A record that has to be written, and who waits for that; each sees the sequence that it got. */
interface Order {
  readonly record: RouteRecord;
  readonly written: (sequence: number) => void;
}

/** All routes being written anew. */
interface Snapshot {
  readonly rest: Iterator<string>;
  /** 0 until the first piece has been written. */
  firstSequence: number;
}

/**
 * What this broker writes to the route log: one record after the other, each only if the one before is still the last of its subject.
 *
 * One record is under way at a time; what changes meanwhile is collected for the next. A record whose fate is unknown is written again as
 * it is, so the order holds whatever happens on the way.
 */
export class RouteWriter {
  readonly #options: RouteWriterOptions;
  readonly #routes: Set<string>;
  /** Changes since the last record: whether the route is there now. */
  readonly #changed = new Map<string, boolean>();
  #announced: Deferred | undefined;
  readonly #orders: Order[] = [];
  /** Written when all routes that were added before have been. */
  readonly #later: Order[] = [];
  /** Dead brokers whose sessions this one has, the last one last: who joins later has to find that somebody does. */
  readonly #adopted = new Set<string>();
  /** Of the last record, 0 before the first. */
  #sequence = 0;
  /** Entries in the log that are this broker's. */
  #logged = 0;
  #snapshot: Snapshot | undefined;
  #mayWrite = false;
  #isRunning = false;
  #isStopped = false;
  #wake: (() => void) | undefined;

  constructor(options: RouteWriterOptions, routes: Iterable<string> = []) {
    this.#options = options;
    this.#routes = new Set(routes);
    for (const route of this.#routes) this.#changed.set(route, true);
  }

  get routes(): ReadonlySet<string> {
    return this.#routes;
  }

  /** Writes that the broker is there, before anything else; resolves with the sequence. */
  join(): Promise<number> {
    this.#mayWrite = true;
    return this.#order({ type: "joined" });
  }

  /** Writes that a broker, this or another, is there no more. */
  leave(broker: string): Promise<number> {
    return this.#order({ type: "left", broker });
  }

  /** Writes a record that says nothing: whoever has seen it come back has seen all that was in the log before. */
  mark(): Promise<number> {
    return this.#order({ type: "routes", added: [], removed: [] });
  }

  /** Writes a record behind all routes that have been added; resolves with the sequence. */
  afterRoutes(record: RouteRecord): Promise<number> {
    if (record.type === "adopted") this.#noteAdopted(record.broker);
    return new Promise((written) => {
      this.#later.push({ record, written });
      this.#logged++;
      this.#start();
    });
  }

  /** Resolves when every member knows of the route. */
  add(route: string): Promise<void> {
    this.#routes.add(route);
    return this.#change(route, true);
  }

  remove(route: string): void {
    this.#routes.delete(route);
    void this.#change(route, false);
  }

  /** Whoever waits for a record that has not been written is told that it failed. It is written nevertheless, when that is possible again. */
  reject(error: Error): void {
    this.#announced?.reject(error);
    this.#announced = undefined;
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake?.();
  }

  #change(route: string, isThere: boolean): Promise<void> {
    this.#changed.set(route, isThere);
    this.#announced ??= new Deferred();
    const { promise } = this.#announced;
    this.#start();
    return promise;
  }

  #order(record: RouteRecord): Promise<number> {
    return new Promise((written) => {
      this.#orders.push({ record, written });
      this.#start();
    });
  }

  /** At the end of the turn, so that one record has all that changed in it. */
  #start(): void {
    if (!this.#mayWrite || this.#isRunning || this.#isStopped) return;
    this.#isRunning = true;
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    for (let order = this.#next(); order !== undefined && !this.#isStopped; order = this.#next()) {
      const sequence = await this.#append(encodeRecord(order.record, this.#sequence));
      if (sequence === undefined) break;
      this.#sequence = sequence;
      order.written(sequence);
    }
    this.#isRunning = false;
  }

  #next(): Order | undefined {
    const { waits } = this.#options;
    const ordered = this.#orders.shift();
    if (ordered !== undefined) return ordered;
    if (this.#changed.size > 0) {
      const [record, isAll] = this.#takeChanged();
      this.#logged += record.added.length + record.removed.length;
      const announced = isAll ? this.#announced : undefined;
      if (isAll) {
        this.#announced = undefined;
        this.#orders.push(...this.#later.splice(0)); // more routes may come all the time
      }
      return { record, written: (sequence) => announced && waits.wait(sequence).then(announced.resolve, announced.reject) };
    }
    const later = this.#later.shift();
    if (later !== undefined) return later;
    if (this.#snapshot === undefined && this.#logged > Math.max(LEAST_COMPACTED, 2 * this.#routes.size)) {
      this.#snapshot = { rest: this.#routes.values(), firstSequence: 0 };
      this.#logged = this.#routes.size;
    }
    return this.#snapshot && this.#piece(this.#snapshot);
  }

  /** The changes that fit in a record, and whether those are all. */
  #takeChanged(): [record: RouteRecord & { type: "routes" }, isAll: boolean] {
    const added: string[] = [];
    const removed: string[] = [];
    let characters = 0;
    for (const [route, isThere] of this.#changed) {
      characters += route.length + 4;
      if (characters > RECORD_CHARACTERS && added.length + removed.length > 0) return [{ type: "routes", added, removed }, false];
      (isThere ? added : removed).push(route);
      this.#changed.delete(route);
    }
    return [{ type: "routes", added, removed }, true];
  }

  /** Routes as they are now, not as they were when the snapshot began; what changes later is written later. */
  #piece(snapshot: Snapshot): Order {
    const added: string[] = [];
    let isLast = false;
    for (let characters = 0; characters < RECORD_CHARACTERS; ) {
      const { value, done } = snapshot.rest.next();
      if (done === true) {
        isLast = true;
        break;
      }
      added.push(value);
      characters += value.length + 4;
    }
    if (isLast) this.#snapshot = undefined;
    const written = (sequence: number) => {
      if (snapshot.firstSequence === 0) snapshot.firstSequence = sequence;
      if (isLast) this.#sayAdopted(() => this.#purge(snapshot.firstSequence));
    };
    return { record: { type: "snapshot", added }, written };
  }

  #noteAdopted(broker: string): void {
    this.#adopted.delete(broker);
    this.#adopted.add(broker);
    if (this.#adopted.size > MOST_ADOPTED) this.#adopted.delete(this.#adopted.values().next().value!);
  }

  /** That alone: where its batches ended was for the members of that time. */
  #sayAdopted(then: () => void): void {
    const again = [...this.#adopted].map((broker): RouteRecord => ({ type: "adopted", broker, marks: new Map() }));
    const last = again.pop();
    if (last === undefined) then();
    else this.#later.push(...again.map((record) => ({ record, written: () => {} })), { record: last, written: then });
  }

  /** What a failure leaves there does no harm, and goes with the next snapshot. */
  #purge(beforeSequence: number): void {
    const { engine, stream, subject, waits } = this.#options;
    // Members that lag have to read of what has happened, not only of what there is.
    const read = waits.wait(beforeSequence);
    read.then(() => engine.purge(stream, subject, { beforeSequence })).catch(() => {});
  }

  /** Undefined: this broker writes no more. */
  async #append(bytes: Uint8Array): Promise<number | undefined> {
    const { engine, stream, subject, onLost } = this.#options;
    let isRepeated = false;
    while (!this.#isStopped) {
      try {
        return (await engine.append(subject, bytes, { expectedLastSubjectSequence: this.#sequence })).sequence;
      } catch (error) {
        if (!(error instanceof LostRaceError)) {
          isRepeated = true;
          await this.#pause();
          continue;
        }
      }
      try {
        const last = isRepeated ? await engine.lastMessage(stream, subject) : undefined;
        if (last !== undefined && Buffer.compare(last.bytes, bytes) === 0 && last.sequence > this.#sequence) return last.sequence;
      } catch {
        await this.#pause();
        continue;
      }
      this.#isStopped = true;
      onLost();
    }
    return undefined;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, RETRY_AFTER_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
