import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import { readStore } from "../../src/persistence/read-store.js";
import { Delivery } from "../../src/session/delivery.js";
import { messageOf } from "../session/support.js";
import { smallDisk } from "./small-disk.js";
import { contentOf, copyOfFiles } from "./store-content.js";
import { openStore, refusal } from "./temporary-store.js";

describe("a store on a disk that is full", () => {
  it("refuses what it cannot keep, loses nothing it has acknowledged, and goes on when there is room", async (context: TestContext) => {
    const { folder, remount } = smallDisk(context, 512);
    const store = await openStore(folder);
    let acknowledged = 0;
    let problem: Error | undefined;
    for (let sequence = 1; problem === undefined; sequence++) {
      store.messages.add("c", new Delivery(sequence, messageOf("x".repeat(5_000)), 1, false, undefined, undefined));
      await store.messages.commit()?.then(
        () => acknowledged++,
        (error: Error) => {
          problem = error;
        },
      );
    }
    expect(problem.message).toContain("the disk is full: make room");
    expect(acknowledged).toBeGreaterThan(20);
    const found = await openStore(copyOfFiles(folder));
    expect(found.messages.load("c").deliveries.length).toBeGreaterThanOrEqual(acknowledged);

    remount("size=4096k");
    await expect.poll(() => store.failure).toBeUndefined();
    await store.messages.commit();
    expect(contentOf(await openStore(copyOfFiles(folder)))).toBe(contentOf(store));
    await store.close();
  });

  it("does not start without room for its first file, and does with it", async (context: TestContext) => {
    const { folder } = smallDisk(context, 128);
    writeFileSync(join(folder, "other"), Buffer.alloc(100_000));
    expect(await refusal(folder)).toBe(
      `the store in ${folder} cannot be written: the disk is full: make room, or choose another folder with --data-dir`,
    );
    rmSync(join(folder, "other"));
    await (await openStore(folder)).close();
  });
});

describe("a store on a disk that is read-only", () => {
  it("does not start, and can be read by mqttd store", async (context: TestContext) => {
    const { folder, remount } = smallDisk(context, 1024);
    const store = await openStore(folder);
    store.retained.set(messageOf("kept", { topic: "r" }));
    await store.retained.commit();
    await store.close();
    remount("ro");
    expect(await refusal(folder)).toMatch(
      /cannot be written: the file system is read-only: mount it writable, .*or keep everything in memory/,
    );
    expect((await readStore(folder)).content.counts().retained).toBe(1);
  });
});
