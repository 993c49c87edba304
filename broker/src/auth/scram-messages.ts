/** What a client begins with (RFC 5802, 7): `n,,n=user,r=nonce`. */
export interface ClientFirst {
  /** `n,,`, which the last message has to repeat. */
  readonly header: string;
  /** What both sides sign: without the header. */
  readonly bare: string;
  /** Not prepared yet. */
  readonly userName: string;
  readonly nonce: string;
}

/** What a client ends with: `c=biws,r=nonce,p=proof`. */
export interface ClientFinal {
  readonly header: string;
  readonly nonce: string;
  readonly proof: Buffer;
  /** What both sides sign: without the proof. */
  readonly withoutProof: string;
}

/** Bytes of a message; a nonce and a name need few. */
const MAX_MESSAGE_BYTES = 4_096;
/** Printable, and no comma. */
const NONCE = /^[\x21-\x2b\x2d-\x7e]+$/;

/**
 * Undefined for what a client must not send, and for what this server does not have: channel binding (`p=`) and extensions that must be understood
 * (`m=`). A client that could bind channels but sees that the server does not (`y`) goes on as one that cannot (RFC 5802, 6).
 */
export function parseClientFirst(message: Uint8Array | undefined): ClientFirst | undefined {
  const text = textOf(message);
  const [, header, authorization, bare, name = "", nonce = ""] = /^([ny],(?:a=([^,]*))?,)(n=([^,]*),r=([^,]*)(?:,.*)?)$/s.exec(text) ?? [];
  const userName = unescaped(name);
  if (header === undefined || bare === undefined || userName === undefined || !NONCE.test(nonce)) return undefined;
  // Nobody may act as somebody else.
  if (authorization !== undefined && authorization !== name) return undefined;
  return { header, bare, userName, nonce };
}

export function parseClientFinal(message: Uint8Array | undefined): ClientFinal | undefined {
  const text = textOf(message);
  const [, withoutProof, header, nonce, proof] =
    /^(c=([A-Za-z0-9+/]+={0,2}),r=([^,]*)(?:,.*)?),p=([A-Za-z0-9+/]+={0,2})$/s.exec(text) ?? [];
  if (withoutProof === undefined || header === undefined || nonce === undefined || proof === undefined) return undefined;
  return { header: Buffer.from(header, "base64").toString(), nonce, proof: Buffer.from(proof, "base64"), withoutProof };
}

/** Empty if it is too long or not UTF-8. */
function textOf(message: Uint8Array | undefined): string {
  if (message === undefined || message.length > MAX_MESSAGE_BYTES) return "";
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(message);
  } catch {
    return "";
  }
}

/** `=2C` is a comma and `=3D` an equals sign; no other equals sign may be there. */
function unescaped(name: string): string | undefined {
  return /^([^=]|=2C|=3D)+$/.test(name) ? name.replaceAll("=2C", ",").replaceAll("=3D", "=") : undefined;
}
