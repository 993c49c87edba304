import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** Below those that the system gives to outgoing connections (32,768 on Linux), above those that programs usually have. */
const FIRST = 10_000;
const COUNT = 22_000;

/** Which process has which port, as a file of that name with its id: for all tests of this user on this machine, whichever process runs them. */
const LEASES = join(tmpdir(), `mqttd-test-ports-${userInfo().uid}`);
const held = new Set<number>();

/**
 * A port that is free on all addresses, and that no other test on this machine is told until this process ends: a server takes its port later,
 * and may be stopped and started again.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (lease(port) && (await isFree(port))) return port;
  }
}

function lease(port: number): boolean {
  if (held.size === 0) {
    mkdirSync(LEASES, { recursive: true });
    process.once("exit", () => {
      for (const each of held) rmSync(fileOf(each), { force: true });
    });
  }
  if (isOfLiving(port)) return false;
  try {
    writeFileSync(fileOf(port), String(process.pid), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false; // another process was faster
  }
  held.add(port);
  return true;
}

/** A file that is empty yet counts as this process's own (0). Removes what a process has left behind that was killed. */
function isOfLiving(port: number): boolean {
  try {
    process.kill(Number(readFileSync(fileOf(port), "utf8")), 0);
    return true;
  } catch {
    rmSync(fileOf(port), { force: true });
    return false;
  }
}

function fileOf(port: number): string {
  return join(LEASES, String(port));
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once("error", () => resolve(false));
    probe.listen(port, "0.0.0.0", () => probe.close(() => resolve(true)));
  });
}
