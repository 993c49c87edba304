import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProtocolVersion } from "../src/codec/packet.js";
import type { CertificateFiles } from "./certificate.js";
import type { Contender, Start } from "./contender.js";
import { typeScript } from "./contenders.js";
import type { Job, Load, Outcome } from "./generator/job.js";
import { CREDENTIALS, writeGuard } from "./guard.js";
import { type Cores, PinnedProcess } from "./pinned-process.js";
import type { Row } from "./rows.js";

const HERE = dirname(fileURLToPath(import.meta.url));
const HOST = "127.0.0.1";
const START_LIMIT_MS = 15_000;
/** Beyond warm-up and window: opening 18,000 connections takes a slow broker ten seconds, draining five. */
const GENERATOR_LIMIT_MS = 40_000;
const PROGRAM_LIMIT_MS = 90_000;

export interface Conditions {
  readonly generatorRuntime: string;
  readonly version: ProtocolVersion;
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly certificate: CertificateFiles | undefined;
  /** Undefined: processes are not pinned. */
  readonly cores: Cores | undefined;
  readonly signal: AbortSignal;
  /** Told the broker's process when the generator begins. */
  readonly watch?: (brokerPid: number) => void;
}

/** Why a row makes no sense for a broker, or undefined if it does. */
export function notApplicable(row: Row, contender: Contender, { version, certificate }: Conditions): string | undefined {
  if (row.load === undefined) return contender.program === undefined ? "not a broker's figure" : undefined;
  if (version === 5 && !contender.speaksMqtt5) return "no MQTT 5";
  if (row.tls === true && !contender.speaksTls) return "no TLS";
  if (row.tls === true && certificate === undefined) return "no openssl";
  if (row.isDurable === true && !contender.stores) return "stores nothing";
  if (row.isGuarded === true && !contender.guards) return "guards nothing";
  return undefined;
}

/** Starts a broker, lets the generator do its work, kills both. */
export async function measure(row: Row, contender: Contender, conditions: Conditions): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "mqtt-bench-"));
  try {
    const { load } = row;
    return load === undefined
      ? await measureTopics(contender, folder, conditions)
      : await measureBroker(row, load, contender, folder, conditions);
  } catch (error) {
    return { failure: (error as Error).message };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureBroker(row: Row, load: Load, contender: Contender, folder: string, conditions: Conditions): Promise<Outcome> {
  const { certificate, cores, signal } = conditions;
  const tls = row.tls === true && certificate !== undefined ? { port: await freePort(), ...certificate } : undefined;
  const start: Start = {
    host: HOST,
    port: await freePort(),
    folder,
    ...(tls && { tls }),
    ...(row.isDurable && { isDurable: true }),
    ...(row.isGuarded && { guard: writeGuard(folder) }),
  };
  const broker = new PinnedProcess(contender.command(start), { core: cores?.broker, folder, signal });
  try {
    const port = tls?.port ?? start.port;
    await broker.accepts(HOST, port, START_LIMIT_MS);
    conditions.watch?.(broker.pid);
    const job: Job = {
      target: { host: HOST, port, ...(tls && { tls: {} }) },
      version: conditions.version,
      ...(row.isGuarded && { credentials: CREDENTIALS }),
      brokerPid: broker.pid,
      cores: cores === undefined ? [] : [cores.broker, cores.generator],
      warmUpMs: conditions.warmUpMs,
      windowMs: conditions.windowMs,
      load,
    };
    const outcome = await generate(job, cores?.generator, folder, conditions);
    return "failure" in outcome && !broker.isRunning ? { failure: `died: ${firstLine(broker.lastWords)}` } : outcome;
  } finally {
    await broker.kill();
  }
}

async function generate(job: Job, core: number | undefined, folder: string, conditions: Conditions): Promise<Outcome> {
  const { file, args } = typeScript(conditions.generatorRuntime, join(HERE, "generator/main.ts"));
  const generator = new PinnedProcess({ file, args: [...args, JSON.stringify(job)] }, { core, folder, signal: conditions.signal });
  const output = await generator.output(job.warmUpMs + job.windowMs + GENERATOR_LIMIT_MS);
  if (output === "") return { failure: `generator: ${firstLine(generator.lastWords) || "killed, it took too long"}` };
  return JSON.parse(output) as Outcome;
}

/** The slowest kind of topic that topics.ts prints. */
async function measureTopics(contender: Contender, folder: string, { cores, signal }: Conditions): Promise<Outcome> {
  const command = contender.program!(join(HERE, "topics.ts"));
  const program = new PinnedProcess(command, { core: cores?.broker, folder, signal });
  const output = await program.output(PROGRAM_LIMIT_MS);
  const nanoseconds = Array.from(output.matchAll(/(\d+) ns a topic/g), (match) => Number(match[1]));
  if (nanoseconds.length === 0) return { failure: firstLine(program.lastWords) || "killed, it took too long" };
  return { value: Math.max(...nanoseconds), details: {}, processor: { broker: 1, generator: 0, cores: [], others: [] } };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, HOST, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function firstLine(text: string): string {
  return text.split("\n").find((line) => line.trim() !== "") ?? "";
}
