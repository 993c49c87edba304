/** What verifies tokens, with its files read. */
export type JwtKeys =
  | { readonly kind: "secret" /** Base64. */; readonly secret: string }
  | { readonly kind: "public-key"; readonly pem: string }
  | { readonly kind: "key-set" /** JSON. */; readonly text: string }
  | ({ readonly kind: "endpoint" } & JwksEndpointSettings);

/** Where a key set is fetched from, and how often. */
export interface JwksEndpointSettings {
  readonly url: string;
  /** PEM text. @default - the runtime's authorities */
  readonly ca?: string;
  /** Older keys are fetched again before they are used. */
  readonly refreshMs: number;
  /** Least time between fetches for unknown keys, and after one that failed. */
  readonly cooldownMs: number;
  /** How long after `refreshMs` keys are still used that could not be fetched again. */
  readonly staleMs: number;
  readonly timeoutMs: number;
}

export interface JwtSettings {
  readonly from: "password" | "username";
  readonly keys: JwtKeys;
  /** Either of HMAC or of public keys, never both. */
  readonly algorithms: readonly string[];
  readonly issuer?: string | undefined;
  /** One of these at least. */
  readonly audience?: readonly string[] | undefined;
  readonly requireExpiry: boolean;
  readonly clockToleranceSeconds: number;
  readonly disconnectAfterExpire: boolean;
  /** Becomes the user name. */
  readonly userClaim: string;
  /** Must be equal to the client identifier. */
  readonly clientIdClaim?: string | undefined;
  /** Values with `%c` for the client identifier and `%u` for the user name of CONNECT. */
  readonly verifyClaims: Readonly<Record<string, string>>;
  readonly aclClaim: string;
}
