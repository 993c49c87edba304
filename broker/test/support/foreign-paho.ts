import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestContext } from "vitest";
import { Inbox } from "./foreign-inbox.js";
import { Program } from "./foreign-program.js";
import { requireTool } from "./tools.js";

const SCRIPT = fileURLToPath(new URL("../e2e/paho_client.py", import.meta.url));

/** The versions of the protocol, as paho_client.py is told them. */
export const PAHO_VERSIONS = ["3.1", "3.1.1", "5.0"] as const;

/** By the names that paho has for them, without spaces. */
export type PahoProperties = Readonly<Record<string, unknown>>;

export interface PahoMessage {
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly properties: PahoProperties;
}

export interface PahoConnected {
  readonly code: number;
  readonly sessionPresent: boolean;
  readonly properties: PahoProperties;
}

export interface PahoOptions {
  readonly version: (typeof PAHO_VERSIONS)[number];
  readonly port: number;
  readonly clientId: string;
  readonly clean?: boolean;
  readonly transport?: "tcp" | "websockets";
  readonly properties?: PahoProperties;
  readonly will?: { topic: string; payload: string; qos: number; retain?: boolean; properties?: PahoProperties };
  /** Paths of PEM files, and the newest version. */
  readonly tls?: { ca: string; cert?: string; key?: string; version?: "1.2" | "1.3" };
}

/** A client of Python's paho in a process of its own. It connects again by itself when its connection breaks. */
export class Paho {
  readonly messages = new Inbox<PahoMessage>("message");
  readonly connections = new Inbox<PahoConnected>("connection");
  readonly disconnections = new Inbox<{ readonly code: number }>("disconnection");
  readonly subscribed = new Inbox<{ readonly codes: readonly number[] }>("SUBACK");
  readonly unsubscribed = new Inbox<{ readonly codes: readonly number[] }>("UNSUBACK");
  readonly published = new Inbox<object>("completed publication");
  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
    void this.#listen();
  }

  /** Begins to connect, and leaves it to the test to see what comes of it. */
  static open(context: TestContext, options: PahoOptions): Paho {
    const paho = new Paho(Program.start(pythonWithPaho(context), [SCRIPT]));
    paho.#do("connect", options);
    return paho;
  }

  /** Connects, and has to get in. */
  static async connect(context: TestContext, options: PahoOptions): Promise<Paho & { readonly connected: PahoConnected }> {
    const paho = Paho.open(context, options);
    const connected = await paho.connections.next();
    if (connected.code !== 0) throw new Error(`refused with ${connected.code}`);
    return Object.assign(paho, { connected });
  }

  /** Gives the codes of the SUBACK. */
  async subscribe(filter: string, fields: { qos?: number; options?: object; properties?: PahoProperties } = {}) {
    this.#do("subscribe", { filter, ...fields });
    return (await this.subscribed.next()).codes;
  }

  /** Gives the codes of the UNSUBACK; none before 5.0. */
  async unsubscribe(filter: string) {
    this.#do("unsubscribe", { filter });
    return (await this.unsubscribed.next()).codes;
  }

  /** `published` tells when it is done, in the sense of its QoS. */
  publish(topic: string, payload: string, fields: { qos?: number; retain?: boolean; properties?: PahoProperties } = {}): void {
    this.#do("publish", { topic, payload, ...fields });
  }

  /** Breaks the connection, as a network does. */
  drop(): void {
    this.#do("drop", {});
  }

  /** Ends the process, as a crash does. */
  kill(): Promise<void> {
    return this.#program.kill();
  }

  /** Says goodbye. */
  async disconnect(): Promise<void> {
    this.#do("disconnect", {});
    await this.disconnections.next();
  }

  #do(what: string, fields: object): void {
    this.#program.writeLine(JSON.stringify({ do: what, ...fields }));
  }

  async #listen(): Promise<void> {
    const inboxes: Readonly<Record<string, { push(item: never): void; end(error: Error): void }>> = {
      message: this.messages,
      connected: this.connections,
      disconnected: this.disconnections,
      subscribed: this.subscribed,
      unsubscribed: this.unsubscribed,
      published: this.published,
    };
    this.#program.onLine((line) => {
      const { event, ...fields } = JSON.parse(line);
      inboxes[event]?.push(fields as never);
    });
    const { exitCode, stderr } = await this.#program.ended;
    for (const inbox of Object.values(inboxes)) inbox.end(new Error(`paho has ended with ${exitCode}: ${stderr}`));
  }
}

/** The first Python on PATH that has paho: Debian installs it for its own, and others may stand before that. */
function pythonWithPaho(context: TestContext): string {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin"];
  const pythons = new Set(folders.map((folder) => join(folder, "python3")).filter(existsSync));
  const python = [...pythons].find((path) => spawnSync(path, ["-c", "import paho.mqtt.client"]).status === 0);
  // No program has such a name, so this skips or fails as for any missing one.
  return python ?? requireTool(context, "python3 with paho-mqtt", "apt-get install python3-paho-mqtt");
}
