import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { StoreError } from "../journal/store-error.js";
import { type Log, openLog } from "../log.js";
import { exportLines } from "../persistence/export-lines.js";
import { importStore } from "../persistence/import-store.js";
import { readStore } from "../persistence/read-store.js";
import type { StoreCounts } from "../persistence/store-counts.js";
import type { StoreRequest } from "./store-command.js";
import { EXIT, type Terminal } from "./terminal.js";

/** Lines are written in pieces of at least so many characters. */
const PIECE = 64 * 1024;

/** Does what `mqttd store` was asked for, and resolves with the exit code. `directory` is undefined where nothing is kept on disk. */
export async function store({ action, file }: StoreRequest, directory: string | undefined, { out, err }: Terminal): Promise<number> {
  try {
    if (directory === undefined) throw new StoreError("there is no store: dataDir is off; name its folder with --data-dir");
    if (action === "check") await check(directory, out);
    else if (action === "export") await exportTo(directory, file, out, err);
    else await importFrom(directory, file, out);
    return EXIT.ok;
  } catch (error) {
    const isSystems = error instanceof Error && "syscall" in error;
    if (!(error instanceof StoreError || isSystems)) throw error;
    err(`mqttd: ${(error as Error).message}\n`);
    return EXIT.failure;
  }
}

async function check(directory: string, out: (text: string) => void): Promise<void> {
  const { content, journal } = await readStore(directory);
  const clients = new Set(Array.from(content.sessions.values(), ({ session }) => session.clientId));
  const orphans = [...content.queues.values()].filter(({ clientId, deliveries }) => !clients.has(clientId) && deliveries.size > 0);
  const files = journal.segments.length + journal.obsolete.length;
  out(`OK: the store in ${directory} is whole: ${content.recordCount} records in ${files} ${files === 1 ? "file" : "files"}\n`);
  out(`  ${contentText(content.counts())}\n`);
  if (orphans.length > 0) out(`  ${orphans.length} clients have messages and no session\n`);
  if (journal.tornAt !== undefined) {
    const { file, byte } = journal.tornAt;
    out(`  the last write was interrupted (${file}, byte ${byte}), which the next start drops: nobody was told that it had been made\n`);
  }
}

async function exportTo(directory: string, file: string | undefined, out: (text: string) => void, err: (text: string) => void) {
  const { content } = await readStore(directory);
  const counts = content.counts();
  if (file === undefined) {
    inPieces(exportLines(content, new Date()), out);
    err(`exported ${contentText(counts)}\n`);
    return;
  }
  const unfinished = `${file}.unfinished`;
  const descriptor = openSync(unfinished, "w", 0o600);
  try {
    inPieces(exportLines(content, new Date()), (text) => writeSync(descriptor, text));
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  renameSync(unfinished, file);
  out(`exported ${contentText(counts)} to ${file}\n`);
}

async function importFrom(directory: string, file: string | undefined, out: (text: string) => void): Promise<void> {
  const input = file === undefined ? process.stdin : (await open(file)).createReadStream();
  const counts = await importStore(directory, linesOf(input), silent());
  out(`imported ${contentText(counts)} into ${directory}\n`);
}

/** Opened when the first line is asked for: what it brings before that would be lost. */
async function* linesOf(input: NodeJS.ReadableStream): AsyncIterable<string> {
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

function inPieces(lines: Iterable<object>, write: (text: string) => void): void {
  let piece = "";
  for (const line of lines) {
    piece += `${JSON.stringify(line)}\n`;
    if (piece.length < PIECE) continue;
    write(piece);
    piece = "";
  }
  write(piece);
}

function contentText({ sessions, subscriptions, deliveries, messages, retained }: StoreCounts): string {
  return `${sessions} sessions, ${subscriptions} subscriptions, ${deliveries} deliveries of ${messages} messages, ${retained} retained messages`;
}

function silent(): Log {
  return openLog({ level: "silent", format: "json" });
}
