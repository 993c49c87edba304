import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Delivery } from "../../src/session/delivery.js";
import { RecordingLog } from "../log/recording-log.js";
import { messageOf } from "../session/support.js";
import { seededRandom } from "../topics/support.js";
import { FailingDisk } from "./failing-disk.js";
import { Changes, contentOf, copyOfFiles, journalFiles } from "./store-content.js";
import { openStore, refusal, temporaryFolder } from "./temporary-store.js";

const deliveryOf = (sequence: number, text = `text ${sequence}`) => new Delivery(sequence, messageOf(text), 1, false, undefined, undefined);
const session = (clientId: string) => ({ clientId, userName: undefined, expirySeconds: 60, disconnectedAtMs: undefined, will: undefined });

describe("group commit", () => {
  it("is one promise for all three stores and for everything since the last one", async () => {
    const { sessions, messages, retained, journal } = await openStore(temporaryFolder());
    sessions.save(session("c"));
    const first = sessions.commit();
    messages.add("c", deliveryOf(1));
    retained.set(messageOf("kept", { topic: "r" }));
    expect([messages.commit() === first, retained.commit() === first, sessions.commit() === first]).toEqual([true, true, true]);
    await first;
    expect([journal.groupsWritten, messages.commit(), retained.commit()]).toEqual([1, undefined, undefined]);
  });

  it("gathers what changes while another is being written, and waits for that one too", async () => {
    const { messages, journal } = await openStore(temporaryFolder());
    messages.add("c", deliveryOf(1));
    await new Promise((resolve) => setImmediate(resolve));
    const first = messages.commit();
    await new Promise((resolve) => setImmediate(resolve));
    expect(messages.commit()).toBe(first);
    for (let sequence = 2; sequence <= 100; sequence++) messages.add("c", deliveryOf(sequence));
    const second = messages.commit();
    expect([second === first, messages.commit() === second]).toEqual([false, true]);
    await second;
    expect(journal.groupsWritten).toBe(2);
  });

  it("syncs the disk before it resolves, and the main thread writes nothing", async () => {
    const disk = new FailingDisk();
    const { messages } = await openStore(temporaryFolder(), { disk });
    const before = disk.syncs;
    messages.add("c", deliveryOf(1));
    await messages.commit();
    expect(disk.syncs).toBe(before + 1);
  });

  it("writes nothing for what came and went, and one record for many changes", async () => {
    const { messages, sessions, journal } = await openStore(temporaryFolder());
    const delivery = deliveryOf(1);
    messages.add("c", delivery);
    messages.update("c", delivery);
    messages.remove("c", delivery);
    messages.addReceived("c", 1);
    messages.removeReceived("c", 1);
    await messages.commit();
    expect(journal.groupsWritten).toBe(0);
    for (let i = 0; i < 1_000; i++) sessions.save(session("c"));
    await sessions.commit();
    expect(journal.bytesWritten).toBeLessThan(200);
  });

  it("has a message for many sessions on disk once", async () => {
    const { messages, journal } = await openStore(temporaryFolder());
    const message = messageOf("x".repeat(1_000));
    for (let i = 0; i < 100; i++) messages.add(`c${i}`, new Delivery(1, message, 1, false, undefined, undefined));
    await messages.commit();
    expect(journal.bytesWritten).toBeLessThan(5_000);
  });

  it("writes what nobody waits for soon all the same", async () => {
    const disk = new FailingDisk();
    const store = await openStore(temporaryFolder(), { disk });
    store.messages.add("c", deliveryOf(1));
    while (store.journal.groupsWritten === 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it("keeps nothing of what the broker says of itself", async () => {
    const { retained, journal } = await openStore(temporaryFolder());
    retained.set(messageOf("42", { topic: "$SYS/broker/uptime" }));
    expect([retained.commit(), journal.pendingRows, retained.size]).toEqual([undefined, 0, 1]);
  });
});

describe("a disk that fails", () => {
  it.each([
    ["ENOSPC", "the disk is full: make room"],
    ["EROFS", "the file system is read-only"],
    ["EIO", "the disk reports an error"],
  ])("by %s has commits rejected with the reason, and gets everything when it works again", async (code, reason) => {
    const disk = new FailingDisk();
    const log = new RecordingLog();
    const directory = temporaryFolder();
    const store = await openStore(directory, { disk, log });
    const changes = new Changes(store, seededRandom(1));
    changes.make(100);
    await store.messages.commit();
    disk.failsWith = code;
    for (let group = 0; group < 5; group++) {
      changes.make(50);
      await expect(store.messages.commit()).rejects.toThrow(`the store in ${directory} cannot be written: ${reason}`);
      expect(store.failure?.message).toContain(reason);
      expect(store.messages.commit()).toBeInstanceOf(Promise);
    }
    disk.failsWith = undefined;
    await expect.poll(() => store.failure).toBeUndefined();
    await store.messages.commit();
    expect(contentOf(await openStore(copyOfFiles(directory)))).toBe(contentOf(store));
    expect(log.lines.map(({ level, message }) => [level, message])).toEqual([
      ["info", "store opened"],
      ["error", "the store cannot be written; what clients send is refused until it can"],
      ["info", "the store can be written again, and has everything"],
    ]);
  });

  it("rejects at once when as much waits as may", async () => {
    const disk = new FailingDisk();
    const { messages, journal } = await openStore(temporaryFolder(), { disk, maxPendingRows: 10, retryMs: 60_000 });
    disk.failsWith = "ENOSPC";
    messages.add("c", deliveryOf(1));
    await expect(messages.commit()).rejects.toThrow("the disk is full");
    for (let sequence = 2; sequence <= 12; sequence++) messages.add("c", deliveryOf(sequence));
    await expect(messages.commit()).rejects.toThrow("the disk is full");
    expect(journal.groupsFailed).toBe(1);
  });

  it("that has no room for another file makes room by leaving out what is over", async () => {
    const disk = new FailingDisk();
    const directory = temporaryFolder();
    const store = await openStore(directory, { disk, compactBytes: Number.POSITIVE_INFINITY });
    let sequence = 0;
    const passThrough = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const delivery = deliveryOf(++sequence, "x".repeat(1_000));
        store.messages.add("c", delivery);
        await store.messages.commit();
        store.messages.remove("c", delivery);
      }
    };
    await passThrough(100);
    expect(store.journal.compactions).toBe(0);
    disk.maxFiles = disk.files;
    await passThrough(500);
    expect(store.journal.compactions).toBeGreaterThan(2);
    await store.messages.commit();
    expect(contentOf(await openStore(copyOfFiles(directory)))).toBe(contentOf(store));
  });

  it("does not let the store close as if all were well", async () => {
    const disk = new FailingDisk();
    const store = await openStore(temporaryFolder(), { disk });
    disk.failsWith = "ENOSPC";
    store.messages.add("c", deliveryOf(1));
    await expect(store.close()).rejects.toThrow("the disk is full");
  });
});

describe("the folder of a store", () => {
  it("has one store at a time, and is free again when that is closed", async () => {
    const directory = temporaryFolder();
    const store = await openStore(directory);
    expect(await refusal(directory)).toContain(`the store in ${directory} is in use by process ${process.pid}: stop that one first`);
    await store.close();
    await (await openStore(directory)).close();
    expect(journalFiles(directory).length).toBeGreaterThan(0);
  });

  it("may lie as deep as a file system allows", async () => {
    const root = mkdtempSync(join(tmpdir(), "mqttd-deep-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const directory = join(root, ...Array.from({ length: 10 }, () => "x".repeat(100)));
    const store = await openStore(directory);
    expect(await refusal(directory)).toContain("is in use by process");
    await store.close();
    await openStore(directory);
  });

  it("cannot be a file, nor below one", async () => {
    expect(await refusal("/dev/null")).toMatch(/^the store in \/dev\/null cannot be written: .*choose another folder with --data-dir/);
    expect(await refusal("/dev/null/below")).toMatch(/a part of the path is no folder/);
  });

  it("may hold groups larger than its files", async () => {
    const directory = temporaryFolder();
    const store = await openStore(directory);
    for (const length of [10, 300_000, 10, 60_000, 1_000_000, 10]) {
      store.messages.add("c", new Delivery(length, messageOf("x".repeat(length)), 1, false, undefined, undefined));
      await store.messages.commit();
      store.messages.clear("c");
      store.messages.add("c", new Delivery(length, messageOf("y".repeat(length)), 1, false, undefined, undefined));
      await store.messages.commit();
    }
    expect(contentOf(await openStore(copyOfFiles(directory)))).toBe(contentOf(store));
  });
});
