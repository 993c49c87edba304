import { describe, expect, it, type TestContext, vi } from "vitest";
import { EngineUnavailableError } from "../../../src/cluster/nats/engine-errors.js";
import type { NatsEngine } from "../../../src/cluster/nats/nats-engine.js";
import { retainedSubject } from "../../../src/cluster/nats/retained-records.js";
import type { Standing } from "../../../src/cluster/nats/retained-writer.js";
import { startNatsServer } from "../../support/nats-server.js";
import { SettableClock } from "../../support/settable-clock.js";
import { ALIVE, lastingStore, type OpenOptions, PREFIX, retainedMessage, retainedText } from "./retained-stores.js";

/** Lets a broker read nothing that others write until it is opened. */
class Gate {
  readonly #waiting: (() => void)[] = [];
  #isClosed = false;

  readonly prepare = (engine: NatsEngine): void => {
    const tail = engine.tail.bind(engine);
    engine.tail = (stream, options) => tail(stream, { ...options, onMessage: (message) => this.#pass(() => options.onMessage(message)) });
  };

  close(): void {
    this.#isClosed = true;
  }

  open(): void {
    this.#isClosed = false;
    for (const read of this.#waiting.splice(0)) read();
  }

  #pass(read: () => void): void {
    if (this.#isClosed) this.#waiting.push(read);
    else read();
  }
}

/** What is tried to be written of topic "a" fails once, having been stored or not. */
function failOnce(engine: NatsEngine, isStored: boolean): void {
  const append = engine.append.bind(engine);
  const spy = vi.spyOn(engine, "append").mockImplementation(async (subject, bytes, options) => {
    if (subject !== retainedSubject(PREFIX, "a")) return append(subject, bytes, options);
    spy.mockRestore();
    if (isStored) await append(subject, bytes, options);
    throw new EngineUnavailableError("cut off", { isOutcomeUnknown: true });
  });
}

async function twoStores(context: TestContext, options: OpenOptions = {}) {
  const { url } = await startNatsServer(context);
  const gate = new Gate();
  const prepare = gate.prepare;
  const one = await lastingStore(url, new SettableClock(), { ...options, prepare });
  const other = await lastingStore(url, new SettableClock());
  const both = async (topic: string) => [await retainedText(one.store, topic), await retainedText(other.store, topic)];
  return { one, other, gate, both };
}

describe("the last word on what is retained at a topic", () => {
  it("is what another broker retained after this one had tried in vain [MQTT-3.3.1-5]", async (context) => {
    const { one, other, both } = await twoStores(context);
    failOnce(one.engine, false);
    one.store.set(retainedMessage("a", "old"));
    await expect(one.store.commit()).rejects.toThrow("cut off");
    other.store.set(retainedMessage("a", "new"));
    await other.store.commit();
    await one.store.commit();
    await vi.waitFor(async () => expect(await both("a")).toEqual(["new", "new"]));
    expect(one.store.commit()).toBeUndefined();
    expect(one.store.readings().retainedSuperseded).toBe(1);
  });

  it("is what this broker tried in vain, once it can, if nobody has said anything else", async (context) => {
    const { one, both } = await twoStores(context);
    failOnce(one.engine, false);
    one.store.set(retainedMessage("a", "1"));
    await expect(one.store.commit()).rejects.toThrow("cut off");
    await one.store.commit();
    await vi.waitFor(async () => expect(await both("a")).toEqual(["1", "1"]));
  });

  it("is this broker's if it has been stored, though it did not hear so", async (context) => {
    const { one, gate, both } = await twoStores(context);
    gate.close();
    failOnce(one.engine, true);
    one.store.set(retainedMessage("a", "1"));
    await expect(one.store.commit()).rejects.toThrow("cut off");
    await one.store.commit();
    gate.open();
    await vi.waitFor(async () => expect(await both("a")).toEqual(["1", "1"]));
    expect(one.store.readings().retainedSuperseded).toBe(0);
  });

  it("is that of the broker that was asked last, though it has not read the one before", async (context) => {
    const { one, other, gate, both } = await twoStores(context);
    gate.close();
    other.store.set(retainedMessage("a", "1"));
    await other.store.commit();
    one.store.set(retainedMessage("a", "2"));
    await one.store.commit();
    gate.open();
    await vi.waitFor(async () => expect(await both("a")).toEqual(["2", "2"]));
  });

  it("is that there is none, though the broker that was asked had not read what it deletes [MQTT-3.3.1-6]", async (context) => {
    const { one, other, gate, both } = await twoStores(context);
    gate.close();
    other.store.set(retainedMessage("a", "1"));
    await other.store.commit();
    one.store.delete("a", "c");
    await one.store.commit();
    gate.open();
    await vi.waitFor(async () => expect(await both("a")).toEqual([undefined, undefined]));
  });

  it("is nothing that is written where there was nothing to delete", async (context) => {
    const { one } = await twoStores(context);
    const { appends } = one.engine.counters;
    one.store.delete("a", "c");
    await one.store.commit();
    expect(one.engine.counters.appends).toBe(appends);
    one.store.set(retainedMessage("a", "1"));
    await one.store.commit();
    expect(await retainedText(one.store, "a")).toBe("1");
  });

  it("is what a client has had retained where it is, not what it had left at a broker that was taken for dead", async (context) => {
    const standing = { ...ALIVE, isOver: async (life: string) => life === "here", hasLeft: async (clientId: string) => clientId === "c" };
    const { one, other, gate, both } = await twoStores(context, { standing });
    gate.close();
    other.store.set(retainedMessage("a", "new"));
    await other.store.commit();
    one.store.set(retainedMessage("a", "old"));
    await one.store.commit();
    expect(await both("a")).toEqual(["new", "new"]);
    gate.open();
    await one.store.catchUp();
    expect(await both("a")).toEqual(["new", "new"]);
  });

  it.for<[string, Partial<Standing>, string]>([
    ["as it lives, a client that has gone", { hasLeft: async () => true }, "c"],
    ["a client that is nowhere else, though it was taken for dead", { life: undefined }, "c"],
    ["the broker itself", { life: undefined, isReady: false, hasLeft: async () => true }, ""],
  ])("is that of the broker that was asked last, for %s", async ([_, standing, publisher], context) => {
    const { one, other, gate, both } = await twoStores(context, { standing: { ...ALIVE, ...standing } });
    gate.close();
    other.store.set(retainedMessage("a", "1"));
    await other.store.commit();
    one.store.set({ ...retainedMessage("a", "2"), publisher });
    await one.store.commit();
    gate.open();
    await vi.waitFor(async () => expect(await both("a")).toEqual(["2", "2"]));
  });

  it("is not that of a client that has gone, though the broker that it left has read what came after", async (context) => {
    const standing = { ...ALIVE, isReady: false, life: undefined, hasLeft: async () => true };
    const { one, other, both } = await twoStores(context, { standing });
    other.store.set(retainedMessage("a", "new"));
    await other.store.commit();
    await vi.waitFor(async () => expect(await both("a")).toEqual(["new", "new"]));
    one.store.set(retainedMessage("a", "old"));
    await one.store.commit();
    expect(await both("a")).toEqual(["new", "new"]);
    expect(one.store.readings().retainedSuperseded).toBe(1);
  });

  it("is the last of those that came while the first was being written", async (context) => {
    const { one, both } = await twoStores(context);
    const written: unknown[] = [];
    for (let number = 0; number < 50; number++) {
      one.store.set(retainedMessage("a", `${number}`));
      written.push(one.store.commit());
      await new Promise(setImmediate);
    }
    await Promise.all(written);
    const stored = await one.engine.lastMessage("mqttd_test_retained", retainedSubject(PREFIX, "a"));
    expect(Buffer.from(stored!.bytes).toString()).toContain("49");
    await vi.waitFor(async () => expect(await both("a")).toEqual(["49", "49"]));
  });
});
