import { createSecretKey } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isSame } from "../../src/reload/is-same.js";

class Private {
  readonly #value: number;

  constructor(value: number) {
    this.#value = value;
  }

  get value(): number {
    return this.#value;
  }
}

describe("isSame()", () => {
  it.each([
    [1, 1],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [undefined, undefined],
    [{ a: [1, { b: "c" }] }, { a: [1, { b: "c" }] }],
    [new Map([["a", { b: 1 }]]), new Map([["a", { b: 1 }]])],
    [new Set(["a"]), new Set(["a"])],
  ])("is true of %o and %o", (one, other) => {
    expect(isSame(one, other)).toBe(true);
  });

  it.each([
    [1, "1"],
    [null, {}],
    [{ a: 1 }, { a: 1, b: undefined }],
    [{ a: undefined }, { b: undefined }],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], { 0: 1 }],
    [new Map([["a", 1]]), new Map([["a", 2]])],
    [new Map([["a", 1]]), new Map([["b", 1]])],
    [new Set(["a"]), new Set(["b"])],
  ])("is false of %o and %o", (one, other) => {
    expect(isSame(one, other)).toBe(false);
  });

  it("does not take objects for equal that it cannot look into", () => {
    expect(isSame(new Private(1), new Private(2))).toBe(false);
    expect(isSame(createSecretKey(Buffer.from("a")), createSecretKey(Buffer.from("b")))).toBe(false);
    const one = new Private(1);
    expect(isSame({ one }, { one })).toBe(true);
  });
});
