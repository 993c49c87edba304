/*
 * Written by `npm run bench:calibrate`; do not edit. What one broker process costs, measured.
 */

/** Where the numbers come from. */
export const MEASURED_ON = {
  command: "npm run bench:calibrate",
  machine: "2 × Intel(R) Xeon(R) Processor, 24 GiB, Linux 6.18.44-fc-v769",
  date: "2026-11-30",
} as const;

/** Costs of one broker process on one runtime. Seconds are processor seconds of one core, interrupts included. */
export interface Costs {
  /** Resident memory of a broker without clients. */
  readonly processBytes: number;
  /** Process memory of an idle connection (row "memory"). */
  readonly connectionBytes: number;
  /** The same where the broker ends TLS (row "memory-tls"). */
  readonly tlsConnectionBytes: number;
  /** Kernel memory of the broker's end of a connection (growth of unreclaimable slab while 18,000 are opened). */
  readonly kernelConnectionBytes: number;
  /** A topic filter that one client has (npm run bench:topics). */
  readonly filterBytes: number;
  /** One message of 64 bytes from one client to another, nothing to batch, by QoS (rows "window1", "sparse-qos1", "sparse-qos2"). */
  readonly messageSeconds: readonly [qos0: number, qos1: number, qos2: number];
  /** One delivery more of a message, QoS 0 (row "fan-out-single"). */
  readonly deliverySeconds: number;
  /** One byte more of payload, in and out (row "sparse-large"). */
  readonly payloadByteSeconds: number;
  /** What TLS in the broker adds to a message (row "sparse-tls"). */
  readonly tlsMessageSeconds: number;
  /** A connection, from SYN to CONNACK (row "accept-cost"). */
  readonly connectSeconds: number;
  /** The same with a TLS handshake (row "accept-cost-tls"). */
  readonly tlsConnectSeconds: number;
}

export const COSTS: Readonly<Record<"bun" | "node", Costs>> = {
  bun: {
    processBytes: 91_300_000,
    connectionBytes: 2_000,
    tlsConnectionBytes: 5_700,
    kernelConnectionBytes: 4_560,
    filterBytes: 108,
    messageSeconds: [0.00000737, 0.0000127, 0.0000232],
    deliverySeconds: 0.00000464,
    payloadByteSeconds: 1.14e-9,
    tlsMessageSeconds: 0.00000166,
    connectSeconds: 0.0000428,
    tlsConnectSeconds: 0.000224,
  },
  node: {
    processBytes: 105_000_000,
    connectionBytes: 3_660,
    tlsConnectionBytes: 50_600,
    kernelConnectionBytes: 4_560,
    filterBytes: 108,
    messageSeconds: [0.0000121, 0.0000196, 0.0000351],
    deliverySeconds: 0.00000515,
    payloadByteSeconds: 2.34e-9,
    tlsMessageSeconds: 0.00000542,
    connectSeconds: 0.0000586,
    tlsConnectSeconds: 0.000869,
  },
};

/** What a cluster adds (npm run bench:cluster). */
export const CLUSTER_COSTS = {
  /** A message that goes to another broker, at both ends together. */
  forwardSeconds: 4e-6,
  /** A topic filter of a client elsewhere, in the route table of each broker. */
  routeBytes: 160,
} as const;
