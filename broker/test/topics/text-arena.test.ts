import { describe, expect, it } from "vitest";
import { TextArena } from "../../src/topics/text-arena.js";

describe("TextArena", () => {
  const longest = "a".repeat(65_535);

  it.each([
    ["", ""],
    ["a", "b"],
    ["日本", "日木"],
    ["\u00ff", "\u0100"],
    ["😀", "😁"],
    [longest, `${longest.slice(1)}b`],
  ])("holds %.10j as a part of a text, and not %.10j", (text, other) => {
    const arena = new TextArena();
    arena.add("before", 0, 6);
    const at = arena.add(`x${text}y`, 1, 1 + text.length);
    arena.add("after", 0, 5);
    expect(arena.equals(at, `..${text}.`, 2, 2 + text.length)).toBe(true);
    if (text !== other) expect(arena.equals(at, other, 0, other.length)).toBe(false);
    expect(arena.equals(at, `${text}z`, 0, text.length + 1)).toBe(false);
  });

  it("is mostly garbage when more than half has been dropped, and moves the rest as it is", () => {
    const arena = new TextArena();
    const kept = arena.add("日本", 0, 2);
    const dropped = Array.from({ length: 1_000 }, (_, i) => arena.add(`text${i}`, 0, `text${i}`.length));
    expect(arena.isMostlyGarbage).toBe(false);
    for (const at of dropped) arena.drop(at);
    expect(arena.isMostlyGarbage).toBe(true);

    const other = new TextArena();
    expect(other.equals(other.addFrom(arena, kept), "日本", 0, 2)).toBe(true);
    expect(other.isMostlyGarbage).toBe(false);
  });
});
