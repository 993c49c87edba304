import type { ServerResponse } from "node:http";
import type { Clock } from "../../clock.js";
import type { ReadingSource } from "../../sys/reading.js";
import { decodeReply, jsonOf, type Peers, type Question } from "../cluster/peers.js";
import { HEADERS } from "../send-answer.js";
import { History } from "./history.js";
import { ROW_FIELDS, type Row, rowOf } from "./live-numbers.js";

/** An hour. */
export const MOST_ROWS = 720;
const ROW_EACH_TICKS = 5;
const TICK_MS = 1_000;
/** A peer that is slower is missing from an event. */
const PEER_WITHIN_MS = 2_000;
/** A viewer that does not read is given up when more than this waits for it. */
const MOST_WAITING_BYTES = 262_144;

export const HISTORY_PATH = "/api/v1/history";

/** The numbers of one broker over a time. */
export interface NodeRows {
  readonly node: string;
  readonly rows: readonly Row[];
}

export interface LiveParts {
  readonly clock: Clock;
  readonly peers: Peers;
  readonly readings: () => ReadingSource;
}

/** Numbers of the last hour, kept whoever looks, and of this second, for all who look: one timer, and one text for all of them. */
export class Live {
  readonly #parts: LiveParts;
  readonly #history = new History(MOST_ROWS, ROW_FIELDS.length);
  readonly #viewers = new Set<ServerResponse>();
  #stopTimer: (() => void) | undefined;
  #ticks = 0;
  #isAsking = false;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#stopTimer = this.#parts.clock.every(TICK_MS, () => this.#tick());
  }

  stop(): void {
    this.#stopTimer?.();
    this.endAll();
  }

  /** Ends all streams; those who may have them still come again. */
  endAll(): void {
    for (const viewer of this.#viewers) viewer.end();
    this.#viewers.clear();
  }

  /** At most `count` rows of this broker, the last of which is of this moment. */
  rows(count: number): NodeRows {
    return { node: this.#parts.peers.self, rows: [...this.#history.last(count - 1), this.#now()] };
  }

  /** Writes events to `response` for as long as somebody reads them. */
  follow(response: ServerResponse): void {
    response.writeHead(200, { ...HEADERS, "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" });
    this.#viewers.add(response);
    response.once("close", () => this.#viewers.delete(response));
    response.write(eventOf([this.rows(1)], []));
  }

  #now(): Row {
    const { clock, readings } = this.#parts;
    return rowOf(readings(), clock.now());
  }

  #tick(): void {
    if (++this.#ticks % ROW_EACH_TICKS === 0) this.#history.add(this.#now());
    if (this.#viewers.size > 0 && !this.#isAsking) void this.#tellAll();
  }

  async #tellAll(): Promise<void> {
    this.#isAsking = true;
    const names = [...this.#parts.peers.names];
    const others = names.length === 0 ? [] : await Promise.allSettled(names.map((name) => this.#ask(name)));
    this.#isAsking = false;
    const found = others.flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    const missing = names.filter((_, index) => others[index]?.status !== "fulfilled");
    const text = eventOf([this.rows(1), ...found], missing);
    for (const viewer of this.#viewers) {
      if (viewer.writableLength > MOST_WAITING_BYTES) viewer.destroy();
      else viewer.write(text);
    }
  }

  async #ask(peer: string): Promise<readonly NodeRows[]> {
    const caller = { name: "dashboard", scope: "read", address: "" } as const;
    const question: Question = { method: "GET", route: HISTORY_PATH, params: {}, query: { last: 1 }, body: undefined, caller };
    const reply = decodeReply(await this.#parts.peers.ask(peer, Buffer.from(JSON.stringify(question)), PEER_WITHIN_MS));
    if (reply.status !== 200) throw new Error(`${peer} answers ${reply.status}`);
    return (jsonOf(reply) as { data: NodeRows[] }).data;
  }
}

function eventOf(data: readonly NodeRows[], missing: readonly string[]): string {
  return `event: numbers\ndata: ${JSON.stringify({ data, meta: missing.length > 0 ? { missing } : {} })}\n\n`;
}
