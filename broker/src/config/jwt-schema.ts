import * as z from "zod";
import { choice, text, texts, toggle, whole } from "./fields.js";

export const HMAC_ALGORITHMS = ["HS256", "HS384", "HS512"] as const;

/** Those of a key pair, of which the broker needs the public half only. */
export const PUBLIC_KEY_ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
] as const;

const ALGORITHMS = [...HMAC_ALGORITHMS, ...PUBLIC_KEY_ALGORITHMS] as const;

/** JSON Web Tokens (RFC 7519), verified by a secret, a public key or a set of them. One of `secretFile`, `publicKeyFile` and `jwks` is given. */
export const JwtEntry = z.strictObject({
  type: z.literal("jwt").register(z.globalRegistry, { title: "A JSON Web Token that the client brings", description: "jwt" }),
  from: choice("Where in CONNECT the token is", ["password", "username"]).default("password"),
  secretFile: text("Secret of HS256, HS384 and HS512", "the path of a file with at least 32 bytes").optional(),
  secretEncoding: choice("How that file holds the secret; a line end behind it does not count", ["text", "base64"]).default("text"),
  publicKeyFile: text("Public key of the other algorithms", "the path of a PEM file with a public key or a certificate").optional(),
  jwks: text("Set of public keys (JWKS)", "a URL that begins with http:// or https://, or the path of a JSON file").optional(),
  jwksCaFile: text(
    "Authorities that sign the certificate of that URL; those of the runtime, unless given",
    "the path of a PEM file",
  ).optional(),
  jwksRefreshSeconds: whole("How often keys are fetched again from that URL", { min: 1, max: 86_400 }).default(300),
  jwksCooldownSeconds: whole("Least time between two fetches for tokens of unknown keys", { min: 1, max: 3_600 }).default(30),
  jwksStaleSeconds: whole("How long keys are used that could not be fetched again", { min: 0, max: 604_800 }).default(3_600),
  jwksTimeoutSeconds: whole("How long a fetch may take", { min: 1, max: 60 }).default(5),
  algorithms: z
    .array(z.enum(ALGORITHMS))
    .min(1)
    .register(z.globalRegistry, {
      title: "Algorithms accepted; all that go with the key, unless given",
      description: `a list of some of ${ALGORITHMS.join(", ")}`,
    })
    .optional(),
  issuer: text("Who must have issued the token (claim iss)", "a text").optional(),
  audience: texts("Whom the token must be for, one of these at least (claim aud)", 'a list: ["mqtt.example"]').optional(),
  requireExpiry: toggle("Whether a token must have an end (claim exp)").default(true),
  clockToleranceSeconds: whole("How far the issuer's clock may be off", { min: 0, max: 600 }).default(5),
  disconnectAfterExpire: toggle("Whether a connection ends when its token does").default(true),
  userClaim: text("Claim that becomes the user name; a token without it is refused", "the name of a claim").default("sub"),
  clientIdClaim: text("Claim that the client identifier must be equal to", "the name of a claim").optional(),
  verifyClaims: z
    .record(z.string().min(1), z.string())
    .register(z.globalRegistry, {
      title: "Claims that must be as given; %c is the client identifier, %u the user name of CONNECT",
      description: 'claims and their values: {"device": "%c"}',
    })
    .default({}),
  aclClaim: text("Claim with rules about what the client may do; they come before those of authorization", "the name of a claim").default(
    "acl",
  ),
});

export type JwtEntry = z.infer<typeof JwtEntry>;
