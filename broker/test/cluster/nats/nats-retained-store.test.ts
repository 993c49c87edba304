import { describe, expect, it, onTestFinished, type TestContext, vi } from "vitest";
import type { NatsEngine } from "../../../src/cluster/nats/nats-engine.js";
import type { NatsRetainedStore } from "../../../src/cluster/nats/nats-retained-store.js";
import type { Message } from "../../../src/message.js";
import type { RetainedStore } from "../../../src/retained/retained-store.js";
import { describeRetainedStore } from "../../retained/retained-store.suite.js";
import { startNatsServer } from "../../support/nats-server.js";
import { SettableClock } from "../../support/settable-clock.js";
import { openStore, retainedMessage, retainedText } from "./retained-stores.js";

/** Some ask before that, and some after. */
const SETTLED_EACH = 20;

describeRetainedStore("NatsRetainedStore", async (clock, context) => {
  const { url } = await startNatsServer(context);
  return openStore(url, clock);
});

describeRetainedStore("NatsRetainedStore that has room for none in memory", async (clock, context) => {
  const { url } = await startNatsServer(context);
  const { store, engine, close } = await openStore(url, clock, { memoryBytes: 0 });
  neverExpiring(engine);
  return { store: new SettlingStore(store), close };
});

/** By the clock of NATS, which goes on while that of the test stands still: what it takes away, the store would do without before its time. */
function neverExpiring(engine: NatsEngine): void {
  const append = engine.append.bind(engine);
  engine.append = (subject, bytes, { ttlSeconds: _, ...options } = {}) => append(subject, bytes, options);
}

/** A store that is asked now and then only when NATS has all that was put, so that nothing is in memory. */
class SettlingStore implements RetainedStore {
  readonly #store: NatsRetainedStore;
  #asked = 0;

  constructor(store: NatsRetainedStore) {
    this.#store = store;
  }

  get size(): number {
    return this.#store.size;
  }

  get bytes(): number {
    return this.#store.bytes;
  }

  set(message: Message): void {
    this.#store.set(message);
  }

  delete(topic: string): void {
    this.#store.delete(topic);
  }

  async get(topic: string): Promise<Message | undefined> {
    await this.#settled();
    return this.#store.get(topic);
  }

  bytesOf(topic: string): number | undefined {
    return this.#store.bytesOf(topic);
  }

  async match(filter: string, visit: (message: Message) => void): Promise<void> {
    await this.#settled();
    await this.#store.match(filter, visit);
  }

  sweep(limit: number): number {
    return this.#store.sweep(limit);
  }

  commit(): Promise<void> | undefined {
    return this.#store.commit();
  }

  async #settled(): Promise<void> {
    if (this.#asked++ % SETTLED_EACH !== 0) return;
    await this.#store.commit();
    await this.#store.catchUp();
    expect(this.#store.readings().retainedMemoryBytes).toBe(0);
  }
}

it("a retained store says what its reading of the stream has to bring, lest a consumer that lags keeps subscribers waiting", async (context) => {
  const { url } = await startNatsServer(context);
  const expected: number[] = [];
  const { store, close } = await openStore(url, new SettableClock(), {
    prepare: (engine) => {
      const tail = engine.tail.bind(engine);
      engine.tail = (...of) => {
        const read = tail(...of);
        return { stop: () => read.stop(), expect: (sequence) => void expected.push(sequence) };
      };
    },
  });
  onTestFinished(close);
  expect(expected).toEqual([1]); // the mark of the beginning
  store.set(retainedMessage("a", "1"));
  await store.commit();
  await store.catchUp();
  expect(expected).toEqual([1, 2, 3]);
});

describe("retained messages of several brokers", () => {
  async function stores(context: TestContext, count = 2) {
    const { url } = await startNatsServer(context);
    const clock = new SettableClock();
    clock.nowMs = Date.now();
    const opened = await Promise.all(Array.from({ length: count }, () => openStore(url, clock)));
    onTestFinished(async () => {
      await Promise.all(opened.map(({ close }) => close()));
    });
    return { url, clock, stores: opened.map(({ store }) => store) };
  }

  it("are the same on all of them, those that come later too", async (context) => {
    const { url, clock, stores: all } = await stores(context);
    all[0]!.set(retainedMessage("a", "1"));
    all[0]!.set(retainedMessage("b", "2"));
    all[0]!.delete("b");
    await all[0]!.commit();
    await vi.waitFor(async () => expect([await retainedText(all[1]!, "a"), all[1]!.size]).toEqual(["1", 1]));
    const late = await openStore(url, clock);
    expect([await retainedText(late.store, "a"), late.store.size]).toEqual(["1", 1]);
    await late.close();
  });

  it("end up the same when brokers change the same topics at the same time", async (context) => {
    const { stores: all } = await stores(context, 3);
    for (let round = 0; round < 200; round++) {
      for (const [index, store] of all.entries()) {
        if ((round + index) % 7 === 0) store.delete(`t/${round % 5}`);
        else store.set(retainedMessage(`t/${round % 5}`, `${index}:${round}`));
      }
      if (round % 3 === 0) await Promise.all(all.map((store) => store.commit()));
    }
    await Promise.all(all.map((store) => store.commit()));
    const contents = (store: NatsRetainedStore) => Promise.all(Array.from({ length: 5 }, (_, i) => retainedText(store, `t/${i}`)));
    await vi.waitFor(async () => {
      const expected = await contents(all[0]!);
      expect(await contents(all[1]!)).toEqual(expected);
      expect(await contents(all[2]!)).toEqual(expected);
    });
  });

  it("expire in NATS too [MQTT-3.3.2-5]", async (context) => {
    const { url, clock, stores: all } = await stores(context, 1);
    all[0]!.set(retainedMessage("a", "short", clock.nowMs + 1_000));
    all[0]!.set(retainedMessage("b", "long"));
    await all[0]!.commit();
    await vi.waitFor(
      async () => {
        const late = await openStore(url, new SettableClock()); // whose time is long before
        const { size } = late.store;
        await late.close();
        expect(size).toBe(1);
      },
      { timeout: 15_000, interval: 200 },
    );
  });

  it("are not kept if they are larger than NATS takes", async (context) => {
    const { stores: all } = await stores(context);
    all[0]!.set(retainedMessage("a", "x".repeat(1_100_000)));
    await all[0]!.commit();
    expect([all[0]!.size, all[1]!.size]).toEqual([0, 0]);
  });
});
