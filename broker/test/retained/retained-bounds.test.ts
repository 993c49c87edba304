import { beforeEach, describe, expect, it } from "vitest";
import { MemoryRetainedStore } from "../../src/retained/memory-retained-store.js";
import { RetainedBounds } from "../../src/retained/retained-bounds.js";
import { Counters } from "../../src/sys/counters.js";
import { messageOf } from "../session/support.js";
import { SettableClock } from "../support/settable-clock.js";

describe("RetainedBounds", () => {
  let store: MemoryRetainedStore;
  let counters: Counters;
  beforeEach(() => {
    store = new MemoryRetainedStore({ clock: new SettableClock() });
    counters = new Counters();
    for (const topic of ["a", "b"]) store.set(messageOf("12345", { topic })); // 12 bytes
  });

  function admits(topic: string, payloadBytes: number, limits: object = {}, memory = false): boolean {
    const none = { maxRetainedMessages: 100, maxRetainedBytes: 1_000, maxRetainedPayloadBytes: 100 };
    return new RetainedBounds({ store, counters, limits: { ...none, ...limits }, overload: { memory, loop: false } }).admits(
      topic,
      payloadBytes,
    );
  }

  it.each([
    ["one more message", "c", 1, { maxRetainedMessages: 2 }, false],
    ["the last message there is room for", "c", 1, { maxRetainedMessages: 3 }, true],
    ["another message in the place of one", "a", 100, { maxRetainedMessages: 2 }, true],
    ["as many bytes as there may be", "c", 5, { maxRetainedBytes: 18 }, true],
    ["a byte more", "c", 6, { maxRetainedBytes: 18 }, false],
    ["a longer one in the place of another", "a", 6, { maxRetainedBytes: 12 }, false],
    ["one as long in its place", "a", 5, { maxRetainedBytes: 12 }, true],
    ["the longest payload", "c", 100, {}, true],
    ["a longer payload", "c", 101, {}, false],
    ["a payload that is too long, in the place of another", "a", 101, {}, false],
    ["the deletion of one", "a", 0, { maxRetainedMessages: 0, maxRetainedBytes: 0, maxRetainedPayloadBytes: 0 }, true],
  ] as const)("says of %s: '%s' with %i bytes, %j", (_, topic, payloadBytes, limits, expected) => {
    expect([admits(topic, payloadBytes, limits), counters.retainedRefused]).toEqual([expected, expected ? 0 : 1]);
  });

  it("admits nothing that grows while memory is short", () => {
    expect([admits("c", 1, {}, true), admits("a", 6, {}, true), admits("a", 5, {}, true), admits("a", 0, {}, true)]).toEqual([
      ...[false, false, true, true],
    ]);
  });

  it("counts the broker's own messages apart", () => {
    const limits = { maxRetainedMessages: 2, maxRetainedBytes: 1_000, maxRetainedPayloadBytes: 100 };
    const bounds = new RetainedBounds({ store, counters, limits, overload: { memory: false, loop: false } });
    expect(bounds.admits("c", 1)).toBe(false);
    store.set(messageOf("1", { topic: "$SYS/a" }));
    for (let i = 0; i < 2; i++) bounds.noteOwn("$SYS/a");
    expect(bounds.admits("c", 1)).toBe(false);
    store.delete("b");
    expect(bounds.admits("c", 1)).toBe(true);
  });
});
