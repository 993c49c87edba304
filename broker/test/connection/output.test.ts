import { describe, expect, it } from "vitest";
import { type Output, OutputPool } from "../../src/connection/output.js";
import { seededRandom } from "../topics/support.js";

/** Everything an output holds, in the order in which it has to leave. */
function contents({ sealed, bytes, length }: Output): Buffer {
  return Buffer.concat([...(sealed ?? []), bytes.subarray(0, length)]);
}

function put(pool: OutputPool, output: Output, bytes: Uint8Array): void {
  if (output.length + bytes.length > output.bytes.length) pool.grow(output, bytes.length);
  output.bytes.set(bytes, output.length);
  output.length += bytes.length;
}

describe("OutputPool", () => {
  it("lends an output that is empty, and the same again once it is back", () => {
    const pool = new OutputPool();
    const output = pool.take();
    expect([output.size, output.sealed]).toEqual([0, null]);
    expect(pool.take()).not.toBe(output);
    put(pool, output, Buffer.alloc(200_000, 1));
    pool.give(output);
    const again = pool.take();
    expect([again === output, again.size, again.sealed]).toEqual([true, 0, null]);
  });

  it("keeps few bytes of an output that was large", () => {
    const pool = new OutputPool();
    const output = pool.take();
    const usual = output.bytes.length;
    put(pool, output, Buffer.alloc(1_000_000));
    pool.give(output);
    expect(pool.take().bytes.length).toBe(usual);
  });

  it.each([1, 2, 3, 4])("keeps all bytes in order, whatever pieces come (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const pool = new OutputPool();
    for (let round = 0; round < 20; round++) {
      const output = pool.take();
      const expected: Buffer[] = [];
      for (let i = 0; i < 60; i++) {
        const largest = [10, 1_000, 20_000, 70_000, 200_000][Math.floor(random() * 5)]!;
        const piece = Buffer.alloc(1 + Math.floor(random() * largest), i + 1);
        if (random() < 0.1) pool.append(output, piece);
        else put(pool, output, piece);
        expected.push(piece);
      }
      const all = Buffer.concat(expected);
      expect([output.size, contents(output).equals(all)]).toEqual([all.length, true]);
      pool.give(output);
    }
  });

  it("gives no buffer to two outputs at a time", () => {
    const pool = new OutputPool();
    const outputs = Array.from({ length: 50 }, () => pool.take());
    for (let round = 0; round < 30; round++) {
      outputs.forEach((output, i) => {
        put(pool, output, Buffer.alloc(1_000 + 37 * i, i));
        if ((round + i) % 7 === 0) {
          pool.give(output);
          outputs[i] = pool.take();
        }
      });
      const buffers = outputs.map(({ bytes }) => bytes);
      expect(new Set(buffers).size).toBe(outputs.length);
      outputs.forEach((output, i) => {
        expect(contents(output).every((byte) => byte === i)).toBe(true);
      });
    }
  });
});
