import { StoreError } from "../journal/store-error.js";
import { type Message, type MessageProperties, NEVER } from "../message.js";
import { Delivery, DeliveryState } from "../session/delivery.js";
import { parseSharedFilter, topicFilterProblem } from "../topics/topic-filter.js";
import type { DurableStore } from "./durable-store.js";
import { LINES_FORMAT, type MessageLine, StoreLine } from "./store-lines.js";

const STATES = { queued: DeliveryState.Queued, sent: DeliveryState.Sent, released: DeliveryState.Released } as const;

type LineOf<Kind extends StoreLine["kind"]> = Extract<StoreLine, { kind: Kind }>;

/** Lines from one commit to the next, so that an import needs no memory for more than the store itself takes. */
const LINES_PER_COMMIT = 10_000;

/** Puts exported lines into a store that is empty, and checks each. Whoever calls it throws the store away if it fails. */
export class LineImport {
  readonly #store: DurableStore;
  readonly #clients = new Map<
    string,
    { readonly filters: Set<string>; readonly sequences: Set<number>; readonly packetIds: Set<number> }
  >();
  readonly #messages = new Map<number, Message>();
  #line = 0;
  #isOver = false;

  constructor(store: DurableStore) {
    this.#store = store;
  }

  /** @throws StoreError that names the line and what is wrong with it */
  async read(lines: AsyncIterable<string> | Iterable<string>): Promise<void> {
    for await (const text of lines) {
      this.#line++;
      this.#take(this.#parse(text));
      if (this.#line % LINES_PER_COMMIT === 0) await this.#store.messages.commit();
    }
    if (!this.#isOver) throw this.#wrong("the last line of an export is missing: it was cut off");
    await this.#store.messages.commit();
  }

  #parse(text: string): StoreLine {
    if (this.#isOver) throw this.#wrong("something follows the last line of the export");
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw this.#wrong("it is not JSON");
    }
    const parsed = StoreLine.safeParse(value);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw this.#wrong(`${issue!.path.join(".") || "kind"}: ${issue!.message}`);
  }

  #take(line: StoreLine): void {
    if ((line.kind === "store") !== (this.#line === 1)) {
      throw this.#wrong(this.#line === 1 ? 'an export begins with a line of kind "store"' : "another export begins here");
    }
    if (line.kind === "store") {
      if (line.format > LINES_FORMAT)
        throw this.#wrong(`it has format ${line.format}, and this broker knows formats up to ${LINES_FORMAT}`);
    } else if (line.kind === "session") this.#session(line);
    else if (line.kind === "subscription") this.#subscription(line);
    else if (line.kind === "message") this.#message(line);
    else if (line.kind === "delivery") this.#delivery(line);
    else if (line.kind === "received") this.#received(line);
    else if (line.kind === "retained") this.#retained(line);
    else {
      if (line.lines !== this.#line) throw this.#wrong(`it is the last of ${line.lines} lines: some are missing, or too many`);
      this.#isOver = true;
    }
  }

  #session({ kind: _, ...line }: LineOf<"session">): void {
    if (this.#clients.has(line.clientId)) throw this.#wrong(`client ${JSON.stringify(line.clientId)} has a session already`);
    this.#clients.set(line.clientId, { filters: new Set(), sequences: new Set(), packetIds: new Set() });
    const { clientId, userName, expirySeconds, disconnectedAtMs, will } = line;
    const stored = will && { delaySeconds: will.delaySeconds, dueAtMs: will.dueAtMs, message: messageOf(will.message) };
    this.#store.sessions.save({ clientId, userName, expirySeconds, disconnectedAtMs, will: stored });
  }

  #subscription({ kind: _, clientId, isShared, ...options }: LineOf<"subscription">): void {
    this.#once(this.#client(clientId).filters, options.topicFilter, "subscription");
    const shared = isShared ? parseSharedFilter(options.topicFilter) : undefined;
    const problem = topicFilterProblem(options.topicFilter, Number.POSITIVE_INFINITY);
    if (problem !== undefined) throw this.#wrong(problem);
    if (isShared && shared === undefined) throw this.#wrong("topicFilter: it is no shared subscription");
    this.#store.sessions.subscribe(clientId, { ...options, identifier: options.identifier, shared });
  }

  #message({ id, message }: LineOf<"message">): void {
    if (this.#messages.has(id)) throw this.#wrong(`message ${id} is there already`);
    this.#messages.set(id, messageOf(message));
  }

  #delivery(line: LineOf<"delivery">): void {
    const { clientId, sequence, qos, retain, identifiers, sharedFilter, state, packetId } = line;
    const client = this.#client(clientId);
    const message = this.#messages.get(line.message);
    if (message === undefined) throw this.#wrong(`message ${line.message} has not been there yet`);
    this.#once(client.sequences, sequence, "delivery with sequence");
    if ((state === "queued") !== (packetId === 0)) throw this.#wrong("packetId: only what is queued has none, which is 0");
    if (packetId !== 0) this.#once(client.packetIds, packetId, "delivery with packetId");
    const shared = sharedFilter === undefined ? undefined : { topicFilter: sharedFilter, shared: parseSharedFilter(sharedFilter) };
    const delivery = new Delivery(sequence, message, qos, retain, identifiers, shared);
    delivery.state = STATES[state];
    delivery.packetId = packetId;
    this.#store.messages.add(clientId, delivery);
  }

  #received({ clientId, packetId }: LineOf<"received">): void {
    this.#client(clientId);
    this.#store.messages.addReceived(clientId, packetId);
  }

  #retained({ message }: LineOf<"retained">): void {
    this.#store.retained.set(messageOf(message));
  }

  #client(clientId: string) {
    const client = this.#clients.get(clientId);
    if (client === undefined) throw this.#wrong(`client ${JSON.stringify(clientId)} has no session`);
    return client;
  }

  #once<T>(seen: Set<T>, value: T, what: string): void {
    if (seen.has(value)) throw this.#wrong(`the client has a ${what} ${JSON.stringify(value)} already`);
    seen.add(value);
  }

  #wrong(problem: string): StoreError {
    return new StoreError(`line ${this.#line}: ${problem}`);
  }
}

function messageOf({ topic, payload, qos, retain, expiresAtMs = NEVER, publisher, properties }: MessageLine): Message {
  return {
    topic,
    payload: Buffer.from(payload, "base64"),
    qos,
    retain,
    expiresAtMs,
    publisher,
    properties: propertiesOf(properties ?? {}),
  };
}

/** Without the names that have no value. */
function propertiesOf({ correlationData, ...rest }: NonNullable<MessageLine["properties"]>): MessageProperties {
  const given = { ...rest, correlationData: correlationData === undefined ? undefined : Buffer.from(correlationData, "base64") };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
