import { accessSync, constants, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/*
 * A virtual core that halts is given to other machines, and comes back late: of a core that sleeps and wakes thousands of times a second, as a broker's does, a busy hypervisor took a
 * third, and of the same one nothing while it was kept busy. Linux can look for work for a while before it halts; then a measurement tells of the broker and not of its neighbours.
 */

/** Of the kernel's cpuidle governor for guests, Documentation/virt/guest-halt-polling.rst. */
const PARAMETERS = "/sys/module/haltpoll/parameters";
/** Longer than between two messages of the witnesses. */
const POLL_NS = 10_000_000;
const WANTED = {
  guest_halt_poll_ns: String(POLL_NS),
  guest_halt_poll_grow_start: String(POLL_NS),
  guest_halt_poll_allow_shrink: "N",
} as const;

/** Lets idle cores poll, where they can, until what it returns is called or this process ends. */
export function keepCoresAwake(parameters = PARAMETERS): () => void {
  const files = Object.entries(WANTED).map(([name, wanted]) => ({ file: join(parameters, name), wanted }));
  if (!files.every(({ file }) => isWritable(file))) return () => {};
  const before = files.map(({ file, wanted }) => ({ file, was: readFileSync(file, "latin1").trim(), wanted }));
  for (const { file, wanted } of before) writeFileSync(file, wanted);
  const end = () => process.exit(1);
  const undo = () => {
    process.off("exit", undo).off("SIGINT", end).off("SIGTERM", end);
    for (const { file, was } of before) writeFileSync(file, was);
  };
  process.on("exit", undo).on("SIGINT", end).on("SIGTERM", end);
  return undo;
}

/** Not so where there is no such file, and in a container that has `/sys` to read. */
function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
