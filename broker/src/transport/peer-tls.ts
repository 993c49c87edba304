import type { PeerCertificate as RuntimeCertificate } from "node:tls";
import type { PeerTls } from "./socket.js";

/** The questions that Node's and Bun's TLS sockets answer alike. */
export interface TlsFacts {
  readonly version: string | null | undefined;
  readonly cipher: string | null | undefined;
  readonly serverName: string | false | null | undefined;
  /** Undefined unless it was verified. */
  readonly certificate: RuntimeCertificate | undefined;
}

/** What a connection's TLS tells of its peer. */
export function peerTls({ version, cipher, serverName, certificate }: TlsFacts): PeerTls {
  return {
    version: version ?? "",
    cipher: cipher ?? "",
    ...(serverName && { serverName }),
    ...(certificate && { certificate: { commonName: commonNameOf(certificate), subjectAltNames: certificate.subjectaltname ?? "" } }),
  };
}

/** Whether a peer showed a certificate at all, verified or not: without one the runtimes return an empty object or nothing. */
export function hasCertificate(certificate: RuntimeCertificate | undefined | null): boolean {
  return certificate !== undefined && certificate !== null && Object.keys(certificate).length > 0;
}

/** The last one if there are several, the most specific in the usual order. */
function commonNameOf({ subject }: RuntimeCertificate): string {
  const names: string | readonly string[] | undefined = subject?.CN;
  return (typeof names === "string" ? names : names?.at(-1)) ?? "";
}
