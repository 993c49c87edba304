/** Whether the engine can be reached. */
export interface EngineState {
  readonly isConnected: boolean;
  /** When it became so, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** Host and port of the server in use, or of the last one; empty before the first. */
  readonly server: string;
}

/** How a stream has to be; brokers of one cluster must agree on all of it. */
export interface StreamDefinition {
  readonly name: string;
  readonly subjects: readonly string[];
  readonly storage: "file" | "memory";
  readonly replicas: number;
  /** @default - all are kept */
  readonly maxMessagesPerSubject?: number;
  /** Whether messages may have a time to live of their own. @default false */
  readonly hasMessageTtl?: boolean;
  /** How long message ids are remembered. @default - the server's, 2 minutes */
  readonly duplicateWindowSeconds?: number;
  /** Settings by name that say what is in the stream, kept with it, so that a broker with other ones is refused: `nats.ownerShards`. */
  readonly agreedSettings?: Readonly<Record<string, string>>;
}

export interface AppendOptions {
  /** Stored only if this is the sequence of the subject's last message, 0 for none; else LostRaceError. */
  readonly expectedLastSubjectSequence?: number;
  /** A second message with this id within the stream's duplicate window is not stored: makes a repeated append safe. */
  readonly messageId?: string;
  /** Only for streams with `hasMessageTtl`. */
  readonly ttlSeconds?: number;
  /** @default 5000 */
  readonly timeLimitMs?: number;
}

export interface Appended {
  readonly sequence: number;
  /** The stream has had this message id already; `sequence` is that of the first. */
  readonly isDuplicate: boolean;
}

export interface StoredMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/**
 * Takes a message; `reply` answers a request, and does nothing if it was none. The bytes are part of what was received from the socket:
 * nobody writes to them again, but who keeps them for long keeps all of it.
 */
export type Receive = (bytes: Uint8Array, subject: string, reply: (bytes: Uint8Array) => void) => void;

/** Reads a stream from some sequence on, each message once and in order, over reconnects. */
export interface Tail {
  /** The stream has that sequence: if it does not come here for some seconds, it is asked for in another way. */
  expect(sequence: number): void;
  stop(): Promise<void>;
}

export interface TailOptions {
  /** Of the first message wanted. @default 1 */
  readonly fromSequence?: number;
  /** Only messages of this subject. @default - all of the stream */
  readonly subject?: string;
  /** False: it is not taken, as something before it is missing: it is read again, with what comes before it. */
  onMessage(message: StoredMessage): boolean | void;
  /**
   * Reading is interrupted, and goes on by itself; for the log. Messages are not missed unless the stream itself is gone.
   */
  onTrouble?(error: Error): void;
}

/**
 * The server behind the brokers, and no more of it than they need. Promises that reject do so with an EngineUnavailableError, a
 * LostRaceError or a NoListenerError. All waiting is bounded: calls made while the engine is out of reach wait for it a moment.
 */
export interface Engine {
  readonly state: EngineState;
  /** Longest message that the server takes, headers included. */
  readonly maxPayloadBytes: number;
  /** What is on its way to the server, in this process. */
  readonly counters: EngineCounters;

  /** Calls `listener` whenever `state` has changed, until the returned function is called. */
  onState(listener: (state: EngineState) => void): () => void;

  /** Makes the streams that are not there, and checks those that are; rejects with an EngineSetupError that tells all that is wrong. */
  ensureStreams(definitions: readonly StreamDefinition[]): Promise<void>;

  /** Stores a message durably; resolves when a majority of the replicas has it. */
  append(subject: string, bytes: Uint8Array, options?: AppendOptions): Promise<Appended>;

  /** The newest message of a subject, asked of the stream's leader, as followers may lag. */
  lastMessage(stream: string, subject: string): Promise<StoredMessage | undefined>;

  /** The first message from that sequence on, asked of the stream's leader: for walking a stream at leisure. */
  nextMessage(stream: string, fromSequence: number): Promise<StoredMessage | undefined>;

  /** Sequence of the newest message that a stream has ever had; 0 for none. */
  lastSequence(stream: string): Promise<number>;

  /** Removes the messages of a subject; with `beforeSequence` only those that came before it. */
  purge(stream: string, subject: string, options?: { readonly beforeSequence?: number }): Promise<void>;

  tail(stream: string, options: TailOptions): Tail;

  /** At most once, without waiting. False: the engine is out of reach and the message is gone. Throws if it is longer than `maxPayloadBytes`. */
  publish(subject: string, bytes: Uint8Array): boolean;

  /** Asks whoever has subscribed to the subject. Rejects with NoListenerError if nobody has. */
  request(subject: string, bytes: Uint8Array, timeLimitMs: number): Promise<Uint8Array>;

  /** Survives reconnects; messages that came meanwhile are missed. */
  subscribe(subject: string, receive: Receive): () => void;

  /** Resolves when the server has seen all that was published. */
  flush(timeLimitMs?: number): Promise<void>;

  /** Sends what has been published, for at most a moment, and leaves. Pending calls reject. */
  close(): Promise<void>;
}

/** Plain numbers, for $SYS and metrics. */
export interface EngineCounters {
  /** Calls that wait for the server's answer. */
  readonly pending: number;
  reconnects: number;
  appends: number;
  /** Appends refused because another writer was first. */
  lostRaces: number;
  /** Calls that failed because the engine was out of reach, slow or full. */
  failures: number;
}
