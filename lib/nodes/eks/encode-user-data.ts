import { Fn, Token, Tokenization } from "cdktf";
import type { IConstruct } from "constructs";
import { InvalidPropsError } from "../../errors";

/** Raw bytes, before base64 (EC2 user guide, "Run commands when you launch an EC2 instance"). */
export const USER_DATA_LIMIT = 16_384;

/**
 * Room for what a token becomes at deploy time. A cluster's CA certificate is by far the longest, about 1,500 bytes in base64;
 * endpoint, name and addresses stay below 256.
 */
const TOKEN_ALLOWANCE = { certificate: 2048, other: 256 } as const;

/**
 * Base64 of a text that may contain tokens, for `LaunchTemplate.userData`.
 *
 * A token is a placeholder at synth, so encoding the text here would encode the placeholder. Terraform does it instead:
 * every piece of plain text travels in base64 of its own, which no escaping rule of Terraform can touch, and Terraform decodes,
 * joins and encodes the whole.
 *
 * @throws InvalidPropsError when the text would not fit EC2's 16 KiB, with room for the tokens
 */
export function encodeUserData(pool: IConstruct, text: string): string {
  if (!Token.isUnresolved(text)) {
    checkSize(pool, Buffer.byteLength(text), 0);
    return Buffer.from(text).toString("base64");
  }
  const pieces = piecesOf(text);
  const literals = pieces.filter((piece) => typeof piece === "string");
  checkSize(pool, Buffer.byteLength(literals.join("")), pieces.length - literals.length);
  return Fn.base64encode(
    Fn.join(
      "",
      pieces.map((piece) => (typeof piece === "string" ? Fn.base64decode(Buffer.from(piece).toString("base64")) : piece.token)),
    ),
  );
}

type Piece = string | { readonly token: string };

/** The text cut at its tokens. */
function piecesOf(text: string): Piece[] {
  const fragments = Tokenization.reverseString(text);
  const pieces: Piece[] = [];
  let rest = text;
  for (const token of fragments.tokens) {
    const placeholder = Token.asString(token);
    const at = rest.indexOf(placeholder);
    if (at > 0) pieces.push(rest.slice(0, at));
    pieces.push({ token: placeholder });
    rest = rest.slice(at + placeholder.length);
  }
  if (rest) pieces.push(rest);
  return pieces;
}

function checkSize(pool: IConstruct, bytes: number, tokens: number): void {
  const allowance = tokens === 0 ? 0 : TOKEN_ALLOWANCE.certificate + (tokens - 1) * TOKEN_ALLOWANCE.other;
  if (bytes + allowance <= USER_DATA_LIMIT) return;
  throw new InvalidPropsError(
    pool,
    "preJoinScript",
    `makes the user data too long: ${bytes} bytes and ${allowance} for values known at deploy time, EC2 takes ${USER_DATA_LIMIT}; ` +
      "shorten preJoinScript, kubelet, labels or taints, or fetch long scripts from a bucket",
  );
}
