import { closeSync, openSync } from "node:fs";
import { RESERVED_FILES } from "./connection-bounds.js";

/** Descriptors that there is room for afterwards, at most: opening the half of them took 0.07 s on Bun 1.4.5 and 0.11 s on Node 20.20. */
const MOST = 32_768;

/**
 * Has the kernel make room for the descriptors of so many connections, before there are any.
 *
 * Linux doubles a process's table of them when it is full, and waits for all cores to have noticed (RCU) where threads share it (`expand_fdtable`
 * in fs/file.c), with the one that accepts, which is the one that serves everybody: 6 to 18 ms each time (Linux 6.18), five times on the way to
 * 8,192 clients of a storm. A table does not shrink, so it is enough to have had a file open whose number is in its upper half. Beyond `MOST` each
 * doubling has its pause. It costs 8 bytes of kernel memory a descriptor, and shows as FDSize in /proc/PID/status.
 *
 * @param connections Infinity for any number.
 */
export function growDescriptorTable(connections: number): void {
  if (process.platform !== "linux") return;
  const lowest = tableFor(Math.min(connections + RESERVED_FILES, MOST)) / 2;
  const opened: number[] = [];
  try {
    for (let latest = 0; latest < lowest; opened.push(latest)) latest = openSync("/dev/null", "r");
  } catch {
    // As far as the limit on open files allows: the table need not be larger.
  }
  for (const descriptor of opened) closeSync(descriptor);
}

function tableFor(descriptors: number): number {
  return 2 ** Math.ceil(Math.log2(descriptors));
}
