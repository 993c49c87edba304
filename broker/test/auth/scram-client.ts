import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import type { ClientSide } from "./enhanced-authenticator.suite.js";

export interface ScramClientOptions {
  /** As it goes over the wire, with =2C and =3D. */
  readonly userName: string;
  readonly password: string;
  readonly nonce?: string;
  /** The beginning of the first message. @default "n,," */
  readonly header?: string;
  /** Changes the last message before it is signed. */
  readonly twist?: (withoutProof: string) => string;
}

/** The client's side of SCRAM-SHA-256, written from RFC 5802 apart from the broker's. */
export class ScramClient {
  /** What the server has to end with. */
  serverSignature: string | undefined;
  readonly #options: Required<ScramClientOptions>;

  constructor(options: ScramClientOptions) {
    this.#options = { nonce: "fyko+d2lbbFgONRv9qkxdawL", header: "n,,", twist: (text) => text, ...options };
  }

  get side(): ClientSide {
    return (challenge) => Buffer.from(challenge === undefined ? this.first() : this.last(Buffer.from(challenge).toString()));
  }

  first(): string {
    return this.#options.header + this.#bare;
  }

  last(challenge: string): string {
    const { header, password, twist } = this.#options;
    const fields = new Map(challenge.split(",").map((field) => [field[0], field.slice(2)]));
    const withoutProof = twist(`c=${Buffer.from(header).toString("base64")},r=${fields.get("r")}`);
    const signed = `${this.#bare},${challenge},${withoutProof}`;
    const salted = pbkdf2Sync(password, Buffer.from(fields.get("s")!, "base64"), Number(fields.get("i")), 32, "sha256");
    const clientKey = hmac(salted, "Client Key");
    const signature = hmac(createHash("sha256").update(clientKey).digest(), signed);
    this.serverSignature = `v=${hmac(hmac(salted, "Server Key"), signed).toString("base64")}`;
    return `${withoutProof},p=${Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!)).toString("base64")}`;
  }

  get #bare(): string {
    return `n=${this.#options.userName},r=${this.#options.nonce}`;
  }
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
