import { describe, expect, it } from "vitest";
import type { Message } from "../../src/message.js";
import { RetainedReplay } from "../../src/session/retained-replay.js";
import { messageOf } from "./support.js";

function* counted(texts: readonly string[], looked: string[]): Generator<Message> {
  for (const text of texts) {
    looked.push(text);
    yield messageOf(text);
  }
}

function taken(replay: RetainedReplay, most = Number.POSITIVE_INFINITY): string[] {
  const texts: string[] = [];
  for (let next = replay.peek(); next !== undefined && texts.length < most; next = replay.peek()) {
    texts.push(Buffer.from(next.message.payload).toString());
    replay.take();
  }
  return texts;
}

describe("RetainedReplay", () => {
  const sourceOf = (topicFilter: string, texts: readonly string[], looked: string[] = []) => ({
    ...{ topicFilter, qos: 1 as const, identifiers: undefined, messages: counted(texts, looked) },
  });

  it("looks for a message only when it is asked, and asks one subscription after the other", () => {
    const replay = new RetainedReplay();
    const looked: string[] = [];
    replay.add(sourceOf("a", ["1", "2"], looked));
    replay.add(sourceOf("b", ["3"], looked));
    const first = replay.peek();
    expect([replay.peek(), looked]).toEqual([first, ["1"]]);
    replay.take();
    expect([taken(replay), looked]).toEqual([
      ["2", "3"],
      ["1", "2", "3"],
    ]);
    expect([replay.peek(), replay.size]).toEqual([undefined, 0]);
  });

  it("begins anew with a filter that is subscribed to again, however often that is", () => {
    const replay = new RetainedReplay();
    for (let i = 0; i < 1_000; i++) {
      replay.add(sourceOf("a", ["1", "2"]));
      replay.peek();
    }
    expect(replay.size).toBe(1);
    expect([taken(replay, 1), replay.size]).toEqual([["1"], 1]);
    replay.add(sourceOf("a", ["1", "2"]));
    expect(taken(replay)).toEqual(["1", "2"]);
  });

  it("keeps the message that is next when another filter comes", () => {
    const replay = new RetainedReplay();
    replay.add(sourceOf("a", ["1"]));
    replay.peek();
    replay.add(sourceOf("b", ["2"]));
    expect(taken(replay)).toEqual(["1", "2"]);
  });

  it("stops at a message that has to be fetched, and goes on with it when it has come", () => {
    const replay = new RetainedReplay();
    const messages: (Message | undefined)[] = [undefined, messageOf("1"), undefined, messageOf("2")];
    replay.add({ ...sourceOf("a", []), messages: messages.values() });
    replay.add(sourceOf("b", ["3"]));
    expect([taken(replay), taken(replay), replay.size]).toEqual([[], ["1"], 2]);
    expect([taken(replay), replay.size]).toEqual([["2", "3"], 0]);
  });
});
