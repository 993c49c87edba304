const MIB = 2 ** 20;

/**
 * Bytes of a client of `mqttd bench`, in the process and in the kernel: the 2 KiB on Bun that `npm run bench` holds it to, twice that on Node.js, 16 KiB and 64 KiB
 * with TLS, and 4 KiB of kernel memory for a socket.
 */
const CLIENT_BYTES = { bun: { plain: 6_144, tls: 20_480 }, node: { plain: 8_192, tls: 69_632 } } as const;
/** Runtime and code of a process. */
const BASE_BYTES = 128 * MIB;
/** For messages on their way and garbage. */
const HEADROOM = 1.5;
/** Steps in which memory is asked for. */
const STEP_MIB = 128;

/** Memory for a pod with so many clients, in MiB. */
export function generatorMemoryMiB({
  clients,
  runtime,
  tls,
}: {
  readonly clients: number;
  readonly runtime: "bun" | "node";
  readonly tls: boolean;
}): number {
  const bytes = (BASE_BYTES + clients * CLIENT_BYTES[runtime][tls ? "tls" : "plain"]) * HEADROOM;
  return Math.ceil(bytes / MIB / STEP_MIB) * STEP_MIB;
}
