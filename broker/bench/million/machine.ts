import { createReadStream, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { openFileLimit } from "../machine.js";
import type { Machine } from "./plan.js";

const HEX_ESTABLISHED = "01";
const CAP_SYS_ADMIN = 21n;

/** What this machine gives now. */
export function thisMachine(): Machine {
  const count = number("/proc/sys/net/netfilter/nf_conntrack_count");
  const max = number("/proc/sys/net/netfilter/nf_conntrack_max");
  return {
    cores: availableParallelism(),
    openFiles: openFileLimit(),
    availableBytes: memory().availableBytes,
    fileMax: isExemptFromFileMax() ? undefined : number("/proc/sys/fs/file-max"),
    conntrack: count === undefined || max === undefined ? undefined : { count, max },
  };
}

/** Whoever has CAP_SYS_ADMIN may open files beyond `fs.file-max`. */
function isExemptFromFileMax(): boolean {
  const [, capabilities = "0"] = /^CapEff:\s+([\da-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return ((BigInt(`0x${capabilities}`) >> CAP_SYS_ADMIN) & 1n) === 1n;
}

export interface MachineMemory {
  readonly availableBytes: number;
  readonly slabBytes: number;
  readonly pageTableBytes: number;
}

export function memory(): MachineMemory {
  const text = readFileSync("/proc/meminfo", "utf8");
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0) * 1_024;
  return { availableBytes: bytes("MemAvailable"), slabBytes: bytes("Slab"), pageTableBytes: bytes("PageTables") };
}

/** TCP sockets in use in this network namespace, both ends of loopback connections, and the pages that their queues take. */
export function sockets(): { readonly inUse: number; readonly pages: number } {
  const line = /^TCP: inuse (\d+) .* mem (\d+)$/m.exec(readFileSync("/proc/net/sockstat", "utf8"));
  return { inUse: Number(line?.[1] ?? 0), pages: Number(line?.[2] ?? 0) };
}

/** Memory of a process, its share of what it has in common with others included; 0 if it is gone. */
export function processBytes(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0) * 1_024;
  } catch {
    return 0;
  }
}

/** Processes that a process has started. */
export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Connections that the kernel has in its table at a local port, past the handshake: the brokers' ends, counted one by one. */
export async function establishedAt(port: number): Promise<number> {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  let rest = "";
  let count = 0;
  for await (const chunk of createReadStream("/proc/net/tcp", { encoding: "latin1", highWaterMark: 1 << 20 })) {
    const lines = (rest + (chunk as string)).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      // "  12: 0100004D:075B 0200004E:C001 01 …": the local port, and behind the peer's address the state.
      const at = line.indexOf(":") + 2;
      if (line.startsWith(wanted, at + 8) && line.startsWith(HEX_ESTABLISHED, at + 28)) count++;
    }
  }
  return count;
}

function number(path: string): number | undefined {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
