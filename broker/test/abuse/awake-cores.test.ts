import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { keepCoresAwake } from "./awake-cores.js";

const AS_IT_WAS = { guest_halt_poll_ns: "0\n", guest_halt_poll_grow_start: "50000\n", guest_halt_poll_allow_shrink: "Y\n" };

function folder(files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), "awake-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return path;
}

const read = (path: string) => Object.keys(AS_IT_WAS).map((name) => readFileSync(join(path, name), "latin1").trim());

describe("idle cores of a virtual machine", () => {
  it("poll for ten milliseconds before they halt, until they are let go", () => {
    const path = folder(AS_IT_WAS);
    const letSleep = keepCoresAwake(path);
    expect(read(path)).toEqual(["10000000", "10000000", "N"]);
    letSleep();
    expect(read(path)).toEqual(["0", "50000", "Y"]);
  });

  it("are left alone where the kernel has no such setting", () => {
    expect(() => keepCoresAwake(folder({}))()).not.toThrow();
  });
});
