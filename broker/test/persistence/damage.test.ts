import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSegmentHeader, writeSegmentHeader } from "../../src/journal/segment.js";
import { RecordingLog } from "../log/recording-log.js";
import { oneOf, seededRandom } from "../topics/support.js";
import { Changes, contentOf, copyOfFiles, journalFiles } from "./store-content.js";
import { openStore, refusal, temporaryFolder } from "./temporary-store.js";

const INTERRUPTED = /^the last write to the store was interrupted/;

/** A store of a few files, everything in it acknowledged. `isClosed`: the broker has come to an end in peace. */
async function filled(seed: number, { isClosed = true } = {}) {
  const directory = temporaryFolder();
  const store = await openStore(directory);
  const changes = new Changes(store, seededRandom(seed));
  for (let group = 0; group < 60; group++) {
    changes.make(20);
    await store.messages.commit();
  }
  const content = contentOf(store);
  if (isClosed) await store.close();
  return { directory: copyOfFiles(directory), content };
}

/** What comes of a store: its content, or that it is refused; and whether it was reported that something is missing. */
async function outcomeOf(directory: string): Promise<{ content: string | undefined; isReported: boolean }> {
  const log = new RecordingLog();
  try {
    const store = await openStore(directory, { log });
    const content = contentOf(store);
    await store.close();
    return { content, isReported: log.messages.some((message) => INTERRUPTED.test(message)) };
  } catch (error) {
    expect((error as Error).message).toMatch(/^the store in .* is damaged: \d+\.journal: /);
    return { content: undefined, isReported: true };
  }
}

function flip(path: string, at: number, bit: number): void {
  const bytes = readFileSync(path);
  bytes[at]! ^= 1 << bit;
  writeFileSync(path, bytes);
}

describe("a damaged store", () => {
  it.each([1, 2, 3])("with any bit wrong is refused, or has everything (seed %i)", async (seed) => {
    const { directory, content } = await filled(seed);
    expect((await outcomeOf(copyOfFiles(directory))).content).toBe(content);
    const random = seededRandom(seed);
    let refused = 0;
    for (let round = 0; round < 60; round++) {
      const copy = copyOfFiles(directory);
      const path = join(copy, oneOf(journalFiles(copy), random));
      flip(path, Math.floor(random() * readFileSync(path).length), round % 8);
      const outcome = await outcomeOf(copy);
      if (outcome.content === undefined) refused++;
      else expect(outcome.content).toBe(content);
    }
    expect(refused).toBeGreaterThan(0);
  });

  it("whose broker was killed right after a commit is refused, has everything, or says that the last write is missing", async () => {
    const { directory, content } = await filled(4, { isClosed: false });
    const random = seededRandom(4);
    for (let round = 0; round < 60; round++) {
      const copy = copyOfFiles(directory);
      const path = join(copy, oneOf(journalFiles(copy), random));
      flip(path, Math.floor(random() * readFileSync(path).length), round % 8);
      const outcome = await outcomeOf(copy);
      expect(outcome.content === content || outcome.isReported).toBe(true);
    }
  });

  it("that was cut off anywhere is refused", async () => {
    const { directory } = await filled(5);
    const random = seededRandom(5);
    for (let round = 0; round < 40; round++) {
      const copy = copyOfFiles(directory);
      const path = join(copy, oneOf(journalFiles(copy), random));
      truncateSync(path, Math.floor(random() * readFileSync(path).length));
      expect((await outcomeOf(copy)).content).toBeUndefined();
    }
  });

  it("that lacks a file is refused, unless the file was still empty", async () => {
    const { directory, content } = await filled(6);
    for (const name of journalFiles(directory)) {
      const copy = copyOfFiles(directory);
      rmSync(join(copy, name));
      expect([undefined, content]).toContain((await outcomeOf(copy)).content);
      if (name !== journalFiles(directory).at(-1)) expect((await outcomeOf(copy)).content).toBeUndefined();
    }
  });

  it("with a file of another store among its own is refused", async () => {
    const [one, other] = [await filled(7), await filled(7)];
    const name = journalFiles(one.directory)[1]!;
    writeFileSync(join(one.directory, name), readFileSync(join(other.directory, name)));
    expect(await refusal(one.directory)).toContain("it belongs to another store");
  });

  it("is left as it is", async () => {
    const { directory } = await filled(8);
    const path = join(directory, journalFiles(directory)[0]!);
    flip(path, 5_000, 0);
    const before = readFileSync(path);
    expect(await refusal(directory)).toContain("fails its checksum");
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe("a store of a newer version", () => {
  it("is refused with what to do", async () => {
    const { directory } = await filled(9);
    for (const name of journalFiles(directory)) {
      const bytes = readFileSync(join(directory, name));
      writeSegmentHeader(bytes, { ...readSegmentHeader(bytes)!, version: 2 });
      writeFileSync(join(directory, name), bytes);
    }
    expect(await refusal(directory)).toMatch(/has format 2, and this broker knows formats up to 1: start the newer broker that wrote it/);
  });
});
