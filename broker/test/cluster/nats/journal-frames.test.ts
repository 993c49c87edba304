import { expect, it } from "vitest";
import {
  baseFrame,
  decodeJournalFrame,
  follow,
  groupFrames,
  JournalAssembly,
  sealFrame,
} from "../../../src/cluster/nats/journal-frames.js";
import { ByteWriter } from "../../../src/journal/byte-writer.js";
import { writeSession } from "../../../src/persistence/records.js";
import { StoreReplay } from "../../../src/persistence/store-replay.js";

/** A group of so many sessions, named after it. */
function group(number: number, longest = 100_000): Uint8Array[] {
  const out = new ByteWriter();
  writeSession(out, number, { clientId: `c${number}`, userName: undefined, expirySeconds: 60, disconnectedAtMs: 0, will: undefined });
  return groupFrames(number, out.bytes.subarray(0, out.length), longest);
}

/** Messages in their order, as a broker writes them; their sequences are ten apart, as others write to the stream as well. */
function written(frames: readonly Uint8Array[], first = 10) {
  return frames.map((frame, index) => {
    const sequence = first + 10 * index;
    return { sequence, frame: decodeJournalFrame(follow(frame, index === 0 && first === 10 ? 0 : sequence - 10)) };
  });
}

function clientsOf(assembly: JournalAssembly): string[] {
  const replay = new StoreReplay();
  assembly.replay(replay);
  return Array.from(replay.sessions.values(), ({ session }) => session.clientId);
}

it("a journal is put together from its messages, and one that has not come is noticed, and taken when it comes", () => {
  const messages = written([baseFrame(0), ...group(1), ...group(2, 4), ...group(3), sealFrame("heir")]);
  expect(messages.length).toBeGreaterThan(5);
  for (const missing of messages.keys()) {
    if (missing === 0) continue; // the beginning, below
    const assembly = new JournalAssembly();
    const add = ({ frame, sequence }: (typeof messages)[number]) => assembly.add(frame, sequence);
    for (const [index, message] of messages.entries()) {
      if (index === missing) continue;
      if (index === missing + 1) {
        expect(add(message)).toBe(false);
        expect(add(messages[missing]!)).toBe(true);
      }
      expect(add(message)).toBe(true);
    }
    expect(clientsOf(assembly)).toEqual(["c1", "c2", "c3"]);
  }
});

it("a journal whose beginning has not come is not taken for one whose beginning was left out", () => {
  const compacted = written([...group(7), ...group(8), baseFrame(7), ...group(9)], 500);
  const without = (count: number) => {
    const assembly = new JournalAssembly();
    for (const { frame, sequence } of compacted.slice(count)) expect(assembly.add(frame, sequence)).toBe(true);
    return () => clientsOf(assembly);
  };
  expect(without(0)()).toEqual(["c7", "c8", "c9"]);
  for (const count of [1, 2, 3]) expect(without(count)).toThrow("the beginning of the journal has not come");
  const withLeftOver = new JournalAssembly(); // the second base's removal has failed
  for (const { frame, sequence } of written([...group(4), baseFrame(4), ...group(7), baseFrame(7)], 500)) withLeftOver.add(frame, sequence);
  expect(clientsOf(withLeftOver)).toEqual(["c7"]);
  const begun = written([baseFrame(0), ...group(1)]).slice(1);
  const assembly = new JournalAssembly();
  for (const { frame, sequence } of begun) assembly.add(frame, sequence);
  expect(() => clientsOf(assembly)).toThrow("the beginning of the journal has not come");
});
