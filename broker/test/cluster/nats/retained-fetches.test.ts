import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type FetchedRecord, RetainedFetches } from "../../../src/cluster/nats/retained-fetches.js";
import { RetainedMemory } from "../../../src/cluster/nats/retained-memory.js";
import type { Message } from "../../../src/message.js";
import { messageOf } from "../../session/support.js";
import { SettableClock } from "../../support/settable-clock.js";
import { SILENT } from "./test-backplane.js";

describe("RetainedFetches", () => {
  let memory: RetainedMemory;
  let asked: string[];
  let read: (topic: string) => Promise<FetchedRecord | undefined>;
  let fetches: RetainedFetches;

  beforeEach(() => {
    vi.useFakeTimers();
    memory = new RetainedMemory({ clock: new SettableClock(), memoryBytes: 0 });
    asked = [];
    fetches = new RetainedFetches({
      log: SILENT,
      memory: () => memory,
      read: (topic) => {
        asked.push(topic);
        return read(topic);
      },
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const at = (sequence: number) => ({ sequence, bytes: 10 });

  function retain(topic: string, sequence = 5): Message {
    const message = messageOf(topic, { topic });
    memory.setStored(message, at(sequence));
    return message;
  }

  function fetched(...topics: string[]): Promise<readonly Message[]> {
    return fetches.all(topics.map((topic) => memory.get(topic)!));
  }

  it("asks once for what many want at the same time", async () => {
    const message = retain("a");
    read = async () => ({ message, at: at(5) });
    expect(await Promise.all([fetched("a"), fetched("a")])).toEqual([[message], [message]]);
    expect([asked, fetches.fetched]).toEqual([["a"], 1]);
  });

  it("asks for two batches at a time", async () => {
    const answers: (() => void)[] = [];
    for (const topic of ["a", "b", "c"]) retain(topic);
    read = (topic) => new Promise((resolve) => answers.push(() => resolve({ message: messageOf(topic, { topic }), at: at(5) })));
    const all = ["a", "b", "c"].map((topic) => fetched(topic));
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toEqual(["a", "b"]);
    answers[0]!();
    await all[0];
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toEqual(["a", "b", "c"]);
    for (const answer of answers) answer();
    expect((await Promise.all(all)).flat().map(({ topic }) => topic)).toEqual(["a", "b", "c"]);
  });

  it("asks again while the stream cannot be read, and for half a minute at most", async () => {
    const message = retain("a");
    let isAway = true;
    read = async () => {
      if (isAway) throw new Error("away");
      return { message, at: at(5) };
    };
    const back = fetched("a");
    await vi.advanceTimersByTimeAsync(20_000);
    isAway = false;
    await vi.advanceTimersByTimeAsync(2_000);
    expect([await back, fetches.failed]).toEqual([[message], 0]);

    isAway = true;
    const lost = fetched("a");
    await vi.advanceTimersByTimeAsync(35_000);
    expect([await lost, fetches.failed]).toEqual([[], 1]);
  });

  it("takes less than it knows of for the word of a server that is behind, and leaves out what a stream has lost", async () => {
    const message = retain("a");
    const answers = [{ message: messageOf("old", { topic: "a" }), at: at(4) }, undefined, { message, at: at(5) }];
    read = async () => answers.shift();
    const found = fetched("a");
    await vi.advanceTimersByTimeAsync(1_000);
    expect([await found, fetches.failed]).toEqual([[message], 0]);

    read = async () => undefined;
    const lost = fetched("a");
    await vi.advanceTimersByTimeAsync(1_000);
    expect([await lost, fetches.failed, memory.size]).toEqual([[], 1, 1]);
  });

  it.each([
    ["has been deleted", () => memory.delete("a"), []],
    ["has been replaced by one in memory", () => memory.set(messageOf("new", { topic: "a" })), ["new"]],
    ["has been replaced by one that has to be fetched too", () => retain("a", 6), ["newest"]],
  ] as const)("gives what there is when a message %s meanwhile", async (_, change, texts) => {
    retain("a");
    const newest = messageOf("newest", { topic: "a" });
    read = async () => {
      if (asked.length > 1) return { message: newest, at: at(6) };
      change();
      return { message: messageOf("a", { topic: "a" }), at: at(5) };
    };
    expect((await fetched("a")).map(({ payload }) => Buffer.from(payload).toString())).toEqual(texts);
    expect(fetches.failed).toBe(0);
  });

  it("gives nothing for a topic that another broker has deleted, as the stream knows before this one", async () => {
    retain("a");
    read = async () => ({ message: undefined, at: at(6) });
    expect([await fetched("a"), fetches.failed]).toEqual([[], 0]);
  });
});
