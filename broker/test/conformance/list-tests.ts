import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TitledTest } from "./evidence.js";

const TESTS = fileURLToPath(new URL("..", import.meta.url));
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const VITEST = join(ROOT, "node_modules", "vitest", "vitest.mjs");
/** Two others may have the cores. */
export const DEADLINE_MS = 300_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** What a test file has to mention for its titles to name clauses: an id, or the table of packets, which has them. */
const MENTION = /MQTT-\d|packets\.js/;

/**
 * The titles of all tests of the broker that name a clause, sorted by file. Vitest is asked, because it alone knows what
 * becomes of a table; it collects the tests and runs none.
 */
export async function listTests(): Promise<TitledTest[]> {
  const files = testFiles().filter((file) => MENTION.test(readFileSync(file, "utf8")));
  const bun = process.versions.bun === undefined ? [] : ["--bun"];
  const { stdout } = await promisify(execFile)(process.execPath, [...bun, VITEST, "list", ...files, "--json"], {
    cwd: ROOT,
    env: withoutVitest(process.env),
    timeout: DEADLINE_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  const listed = JSON.parse(stdout) as { readonly name: string; readonly file: string }[];
  const tests = listed.map(({ name, file }) => ({ file: relative(TESTS, file), title: name }));
  return tests.filter(({ title }) => title.includes("[MQTT-")).sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
}

function testFiles(): string[] {
  return readdirSync(TESTS, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts") && !file.startsWith("conformance"))
    .map((file) => join(TESTS, file));
}

/** The environment of a worker would make the Vitest that it starts believe that it is one, too. */
function withoutVitest(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("VITEST") && name !== "NODE_OPTIONS"));
}
