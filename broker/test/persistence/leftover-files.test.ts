import { expect, it } from "vitest";
import { DISK, type Disk } from "../../src/journal/disk.js";
import { seededRandom } from "../topics/support.js";
import { Changes, contentOf, copyOfFiles, journalFiles } from "./store-content.js";
import { openStore, temporaryFolder } from "./temporary-store.js";

it("files that a broker did not come to remove before it was killed are removed by the one after it, and never leave a gap", async () => {
  const options = { compactBytes: 20_000 };
  // Says it has removed them: what is left is what a crash right before leaves.
  const disk: Disk = { ...DISK, remove: async () => {} };
  const directory = temporaryFolder();
  const first = await openStore(directory, { ...options, disk });
  let changes = new Changes(first, seededRandom(1));
  while (first.journal.compactions < 2 || journalFiles(directory).length < 4) {
    changes.make(20);
    await first.messages.commit();
  }
  const copy = copyOfFiles(directory);
  const left = journalFiles(copy)[0]!;
  const second = await openStore(copy, options);
  expect(contentOf(second)).toBe(contentOf(first));
  changes = new Changes(second, seededRandom(2));
  while (second.journal.compactions < 2) {
    changes.make(20);
    await second.messages.commit();
  }
  const third = copyOfFiles(copy);
  expect(journalFiles(third)).not.toContain(left);
  expect(contentOf(await openStore(third, options))).toBe(contentOf(second));
});
