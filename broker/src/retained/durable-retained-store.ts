import type { Clock } from "../clock.js";
import type { ByteWriter } from "../journal/byte-writer.js";
import type { Journal } from "../journal/journal.js";
import { Row } from "../journal/row.js";
import type { Message } from "../message.js";
import { writeRetained, writeRetainedEnd } from "../persistence/records.js";
import { MemoryRetainedStore } from "./memory-retained-store.js";

/**
 * Retained messages in memory, and in the journal. That one has expired is not written: whoever reads the journal sees it by its time, and the
 * next compaction leaves it out.
 */
export class DurableRetainedStore extends MemoryRetainedStore {
  readonly #journal: Journal;
  /** Topics that changed since the last group. */
  readonly #changed = new Map<string, RetainedRow>();

  constructor(journal: Journal, options: { readonly clock: Clock }) {
    super(options);
    this.#journal = journal;
  }

  override set(message: Message): void {
    super.set(message);
    this.#change(message.topic, message);
  }

  override delete(topic: string): void {
    if (this.get(topic) === undefined) return;
    super.delete(topic);
    this.#change(topic, undefined);
  }

  override commit(): Promise<void> | undefined {
    return this.#journal.commit();
  }

  /** What the journal has. */
  restore(messages: Iterable<Message>): void {
    for (const message of messages) super.set(message);
  }

  *rows(): Generator<Row, void, undefined> {
    for (const message of this.messages()) {
      if (isKept(message.topic)) yield new RetainedRow(message.topic, message, this.#changed);
    }
  }

  #change(topic: string, message: Message | undefined): void {
    if (!isKept(topic)) return;
    let row = this.#changed.get(topic);
    if (row === undefined) {
      row = new RetainedRow(topic, message, this.#changed);
      this.#changed.set(topic, row);
    } else row.message = message;
    this.#journal.touch(row);
  }
}

/** What the broker says of itself is not true any more when it starts again. */
function isKept(topic: string): boolean {
  return !topic.startsWith("$SYS/");
}

/** The message of a topic, or that it has none any more. Lasts only until it is written. */
class RetainedRow extends Row {
  readonly #topic: string;
  readonly #changed: Map<string, RetainedRow>;
  message: Message | undefined;

  constructor(topic: string, message: Message | undefined, changed: Map<string, RetainedRow>) {
    super();
    this.#topic = topic;
    this.message = message;
    this.#changed = changed;
    // Whether the journal has another one is not known.
    this.markStored(0);
  }

  protected override write(out: ByteWriter): void {
    if (this.#changed.get(this.#topic) === this) this.#changed.delete(this.#topic);
    if (this.message === undefined) writeRetainedEnd(out, this.#topic);
    else writeRetained(out, this.message);
  }

  protected override writeRemoval(): void {}
}
