import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describeRetainedStore } from "../retained/retained-store.suite.js";
import { describeMessageStore } from "./message-store.suite.js";
import { describeSessionStore } from "./session-store.suite.js";
import { openStore, type TestStoreOptions, temporaryFolder } from "./temporary-store.js";

/** One of the stores on a new folder, and the same as another process finds it that gets a copy of the files as they are then. */
async function opened<K extends "sessions" | "messages" | "retained">(kind: K, options: TestStoreOptions = {}) {
  const directory = temporaryFolder();
  const store = await openStore(directory, options);
  return {
    store: store[kind],
    reopen: async () => {
      const copy = temporaryFolder();
      for (const name of readdirSync(directory)) if (name.endsWith(".journal")) cpSync(join(directory, name), join(copy, name));
      return (await openStore(copy, options))[kind];
    },
    close: () => store.close(),
  };
}

describeSessionStore("DurableSessionStore", () => opened("sessions"));
describeMessageStore("DurableMessageStore", () => opened("messages"));
describeRetainedStore("DurableRetainedStore", (clock) => opened("retained", { clock }));
