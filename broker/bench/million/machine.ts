import { createReadStream, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { openFileLimit } from "../machine.js";
import type { Machine } from "./plan.js";

/** 127.77.0.0/16, where the brokers listen, as the table has it. */
const BROKER_NETWORK = "4D7F";
const State = { ESTABLISHED: "01", TIME_WAIT: "06", LISTEN: "0A" } as const;
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

/** What the kernel keeps for an address and port that a client has bound; 0 where it does not say so. */
export function boundPortBytes(): number {
  return number("/sys/kernel/slab/tcp_bind2_bucket/slab_size") ?? 0;
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

/** The brokers' ends of connections in the kernel's table, counted one by one: those past the handshake, and all but TIME_WAIT. */
export async function brokerEnds(port: number): Promise<{ readonly established: number; readonly all: number }> {
  const atPort = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  let rest = "";
  let established = 0;
  let all = 0;
  for await (const chunk of createReadStream("/proc/net/tcp", { encoding: "latin1", highWaterMark: 1 << 20 })) {
    const lines = (rest + (chunk as string)).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      // "  12: 01004D7F:075B 02004E7F:C001 01 …": local address with its last byte first, port, the peer's, and the state.
      const at = line.indexOf(":") + 2;
      if (!line.startsWith(BROKER_NETWORK, at + 4) || !line.startsWith(atPort, at + 8)) continue;
      const state = line.slice(at + 28, at + 30);
      if (state === State.ESTABLISHED) established++;
      if (state !== State.TIME_WAIT && state !== State.LISTEN) all++;
    }
  }
  return { established, all };
}

function number(path: string): number | undefined {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
