/*
 * Written by `npm run bench:calibrate`; do not edit. What one broker process costs, measured.
 */

/** Where the numbers come from. */
export const MEASURED_ON = {
  command: "npm run bench:calibrate",
  machine: "not measured yet",
  date: "1970-01-01",
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
    processBytes: 85_344_256,
    connectionBytes: 1_927,
    tlsConnectionBytes: 5_372,
    kernelConnectionBytes: 3_600,
    filterBytes: 250,
    messageSeconds: [8.9e-6, 14e-6, 24e-6],
    deliverySeconds: 2e-6,
    payloadByteSeconds: 2e-9,
    tlsMessageSeconds: 6e-6,
    connectSeconds: 42e-6,
    tlsConnectSeconds: 500e-6,
  },
  node: {
    processBytes: 94_887_936,
    connectionBytes: 4_251,
    tlsConnectionBytes: 51_609,
    kernelConnectionBytes: 3_600,
    filterBytes: 250,
    messageSeconds: [11e-6, 19e-6, 33e-6],
    deliverySeconds: 2e-6,
    payloadByteSeconds: 2e-9,
    tlsMessageSeconds: 6e-6,
    connectSeconds: 63e-6,
    tlsConnectSeconds: 800e-6,
  },
};

/** What a cluster adds (npm run bench:cluster). */
export const CLUSTER_COSTS = {
  /** A message that goes to another broker, at both ends together. */
  forwardSeconds: 4e-6,
  /** A topic filter of a client elsewhere, in the route table of each broker. */
  routeBytes: 160,
} as const;
