import { describe, expect, it } from "vitest";
import { inTurn } from "../../src/drain/in-turn.js";

const LONG_MS = 60_000;

function steps() {
  const done: string[] = [];
  const step = (name: string, error?: Error) => async () => {
    done.push(name);
    await Promise.resolve();
    if (error !== undefined) throw error;
  };
  return { done, step };
}

describe("inTurn()", () => {
  it("does every step, and then says what went wrong first", async () => {
    const { done, step } = steps();
    await inTurn([step("a"), () => undefined, step("b")], LONG_MS);
    const failing = [step("c"), step("d", new Error("first")), step("e"), step("f", new Error("second"))];
    await expect(inTurn(failing, LONG_MS)).rejects.toThrow("first");
    expect(done).toEqual(["a", "b", "c", "d", "e", "f"]);
  });

  it("waits for none longer than there is time, and does the others", async () => {
    const { done, step } = steps();
    const never = () => new Promise<void>(() => {});
    await expect(inTurn([never, step("a")], 10)).rejects.toThrow("could not be stored in time");
    expect(done).toEqual(["a"]);
  });
});
