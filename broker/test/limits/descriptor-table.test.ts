import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";

const MODULE = fileURLToPath(new URL("../../src/limits/descriptor-table.ts", import.meta.url));
/** FDSize of a process before and after, and how many of what is opened for it were open; others come and go, as the one that compiles this. */
const SCRIPT = `
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { growDescriptorTable } from ${JSON.stringify(pathToFileURL(MODULE).href)};
const isNull = (fd) => { try { return readlinkSync("/proc/self/fd/" + fd) === "/dev/null"; } catch { return false; } };
const size = () => Number(/FDSize:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "latin1"))[1]);
const seen = () => ({ size: size(), open: readdirSync("/proc/self/fd").filter(isNull).length });
const before = seen();
growDescriptorTable(Number(process.argv.at(-1)));
console.log(JSON.stringify({ before, after: seen() }));
`;

interface Seen {
  readonly size: number;
  readonly open: number;
}

/** In a process of its own, as a table does not shrink again, and in the runtime that runs this. */
function grown(connections: number, mostOpenFiles: number): { readonly before: Seen; readonly after: Seen } {
  const isBun = process.versions.bun !== undefined;
  const tsx = isBun ? [] : ["--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href, "--input-type=module"];
  const command = [process.execPath, ...tsx, "--eval", SCRIPT, "--", String(connections)];
  return JSON.parse(execFileSync("sh", ["-c", 'ulimit -n "$0" && exec "$@"', String(mostOpenFiles), ...command], { encoding: "utf8" }));
}

describe("growDescriptorTable()", () => {
  it("leaves room for as many connections in the kernel's table of descriptors, and no file open", () => {
    const { before, after } = grown(1_900, 4_000);
    expect(before.size).toBeLessThan(2_048);
    expect(after).toEqual({ size: 2_048, open: before.open });
  });

  it("makes room for 32,768 where their number has no bound", () => {
    const [, hardLimit] = /Max open files\s+\S+\s+(\d+)/.exec(readFileSync("/proc/self/limits", "latin1"))!;
    const mostOpenFiles = Math.min(Number(hardLimit), 17_000);
    expect(grown(Number.POSITIVE_INFINITY, mostOpenFiles).after.size).toBe(2 ** Math.ceil(Math.log2(mostOpenFiles)));
  });

  it("stops where the limit on open files does, and leaves none open", () => {
    const { before, after } = grown(30_000, 1_000);
    expect(after).toEqual({ size: 1_024, open: before.open });
  });
});
