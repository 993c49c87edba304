/** What a run found out, as far as it went. */
export interface MillionResult {
  /** Of the clients. */
  readonly commands: readonly string[];
  /** Undefined: brokers stood alone. */
  readonly natsVersion: string | undefined;
  readonly connectSeconds: number;
  /** From SYN to CONNACK, by percentile. */
  readonly connectMs: Readonly<Record<string, number>>;
  /** Each was tried again. */
  readonly connectFailures: number;
  readonly isClientBottleneck: boolean;
  readonly moments: readonly Moment[];
  readonly counted: Counted | undefined;
  readonly memory: MemoryTaken | undefined;
  readonly keepAlives: KeepAlives | undefined;
  readonly sample: Sample | undefined;
  readonly closed: Closed | undefined;
  /** Why it is not what it was to be; empty if all went well. */
  readonly problems: readonly string[];
}

/** About once a second. */
export interface Moment {
  /** Since the brokers were ready. */
  readonly seconds: number;
  readonly connected: number;
  /** In the kernel, both ends, without those of before. */
  readonly sockets: number;
  readonly pages: number;
  readonly availableBytes: number;
  readonly slabBytes: number;
}

/** Live connections at one moment, by whom. */
export interface Counted {
  readonly clients: number;
  readonly brokers: number;
  /** Entries of the kernel's table at the brokers' port. */
  readonly kernel: number;
  /** Half of what all sockets on the machine have become more; other programs are in it. */
  readonly sockstatPairs: number;
  readonly perBroker: readonly number[];
}

/** When all are there and have been kept alive once, unless it is said otherwise. */
export interface MemoryTaken {
  readonly brokerBytes: number;
  readonly natsBytes: number;
  /** The same two when the last client had connected. */
  readonly atFirst: { readonly brokerBytes: number; readonly natsBytes: number };
  readonly generatorBytes: number;
  /** Of the kernel, for both ends. */
  readonly slabBytes: number;
  readonly pageTableBytes: number;
  readonly socketPageBytes: number;
  /** Of the slab, what the kernel keeps for ports that clients have bound: a broker has one port for all. */
  readonly clientPortBytes: number;
  /** By which less memory is available than before anything was started. */
  readonly takenBytes: number;
  /** The same before the first connection. */
  readonly startedBytes: number;
}

export interface KeepAlives {
  /** Since all were connected. */
  readonly answered: number;
  readonly sent: number;
  readonly answeredInAll: number;
  readonly lost: number;
  readonly keepAliveSeconds: number;
}

export interface Sample {
  readonly clients: number;
  readonly brokers: number;
  /** Whether each message went from one broker to another. */
  readonly isAcross: boolean;
  readonly received: number;
  readonly acknowledged: number;
  readonly latencyMs: Readonly<Record<string, number>>;
}

export interface Closed {
  readonly seconds: number;
  /** Connections of brokers in the kernel's table, TIME_WAIT apart. */
  readonly left: number;
  readonly sockets: number;
  readonly socketsBefore: number;
  readonly availableBytes: number;
  readonly availableBytesBefore: number;
}
