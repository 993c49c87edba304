import { expect, it } from "vitest";
import { seededRandom } from "../topics/support.js";
import { Changes, contentOf, copyOfFiles, journalFiles } from "./store-content.js";
import { openStore, temporaryFolder } from "./temporary-store.js";

it.each([1, 2, 3, 4])(
  "a broker that is killed after any commit finds everything again, through compactions and restarts (seed %i)",
  async (seed) => {
    const random = seededRandom(seed);
    let directory = temporaryFolder();
    let store = await openStore(directory, { compactBytes: 20_000 });
    let changes = new Changes(store, random);
    let compactions = 0;
    for (let group = 0; group < 150; group++) {
      changes.make(1 + Math.floor(random() * 40));
      await store.messages.commit();
      if (group % 5 !== 0) continue;
      const content = contentOf(store);
      const copy = copyOfFiles(directory);
      const again = await openStore(copy, { compactBytes: 20_000 });
      expect(contentOf(again)).toBe(content);
      if (random() < 0.3) {
        compactions += store.journal.compactions;
        [directory, store] = [copy, again];
        changes = new Changes(store, random);
      } else await again.close();
    }
    expect(compactions + store.journal.compactions).toBeGreaterThan(1);
    expect(journalFiles(directory).length).toBeLessThan(6);
  },
);
