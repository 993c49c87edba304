import { onTestFinished } from "vitest";
import type { Clock } from "../../../src/clock.js";
import { NatsEngine } from "../../../src/cluster/nats/nats-engine.js";
import { NatsRetainedStore } from "../../../src/cluster/nats/nats-retained-store.js";
import type { Standing } from "../../../src/cluster/nats/retained-writer.js";
import { type Message, NEVER } from "../../../src/message.js";
import { SILENT } from "./test-backplane.js";

export const PREFIX = "mqttd.test";
/** No client ever goes elsewhere. */
export const ALIVE: Standing = { isReady: true, life: "here", isOver: async () => false, hasLeft: async () => false };

export interface OpenedStore {
  readonly store: NatsRetainedStore;
  readonly engine: NatsEngine;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly memoryBytes?: number;
  readonly standing?: Standing;
  readonly prepare?: (engine: NatsEngine) => void;
}

/** A store of a broker of its own. */
export async function openStore(
  url: string,
  clock: Clock,
  { memoryBytes = 1_048_576, standing = ALIVE, prepare }: OpenOptions = {},
): Promise<OpenedStore> {
  const store = new NatsRetainedStore({ clock, log: SILENT, storage: "memory", replicas: 1, memoryBytes, standing: () => standing });
  const options = { servers: [url], credentials: undefined, tls: undefined, name: "t", inboxPrefix: `${PREFIX}.i`, log: SILENT };
  const engine = await NatsEngine.connect(options);
  prepare?.(engine);
  await store.load(engine, PREFIX);
  const close = async () => {
    await store.stop();
    await engine.close();
  };
  return { store, engine, close };
}

/** As `openStore`; closed when the test is over. */
export async function lastingStore(url: string, clock: Clock, options?: OpenOptions): Promise<OpenedStore> {
  const opened = await openStore(url, clock, options);
  onTestFinished(() => opened.close());
  return opened;
}

export function retainedMessage(topic: string, text: string, expiresAtMs = NEVER): Message {
  return { topic, payload: Buffer.from(text), qos: 1, retain: true, properties: {}, expiresAtMs, publisher: "c" };
}

/** What a store has of a topic. */
export async function retainedText(store: NatsRetainedStore, topic: string): Promise<string | undefined> {
  const found = await store.get(topic);
  return found && Buffer.from(found.payload).toString();
}
