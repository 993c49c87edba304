/** Who the broker is to the servers; what is secret has been read from files. */
export type NatsCredentials =
  /** Text of a .creds file: a user's JWT and its seed. */
  | { readonly type: "credentials"; readonly text: string }
  | { readonly type: "user"; readonly user: string; readonly password: string }
  | { readonly type: "token"; readonly token: string }
  /** Seed of a user's nkey, SU… */
  | { readonly type: "nkey"; readonly seed: string };

export interface NatsTls {
  /** PEM texts. @default - the authorities of the runtime */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Whether TLS begins at once, before the server has said anything. @default false */
  readonly isHandshakeFirst?: boolean;
}

/** Where the engine is, and who asks. */
export interface NatsConnectionOptions {
  /** nats://host:port or tls://host:port; at least one. Others of the same cluster are learnt from it. */
  readonly servers: readonly string[];
  readonly credentials: NatsCredentials | undefined;
  /** Undefined: only if the server asks for it. */
  readonly tls: NatsTls | undefined;
}
