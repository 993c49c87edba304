import { createPrivateKey, X509Certificate } from "node:crypto";
import type { TlsOptions } from "../transport/listener.js";
import type { ListenerDraft } from "./listener-drafts.js";
import type { Finding } from "./listener-rules.js";

/** Gives the text of a file, or throws the system's error. */
export type ReadFile = (path: string) => string;

/** What TLS needs, read and checked; `findings` say what is wrong. */
export function readPemFiles(
  { settings, placeOf }: ListenerDraft,
  readFile: ReadFile,
): { tls: TlsOptions | undefined; findings: readonly Finding[] } {
  const findings: Finding[] = [];
  if (!settings.tls) return { tls: undefined, findings };
  const { certFile, keyFile, caFile, clientCertificate, minVersion, ciphers } = settings.tls;

  const cert = read("tls.certFile", certFile, (pem) => new X509Certificate(pem));
  const key = read("tls.keyFile", keyFile, createPrivateKey);
  const ca = caFile === undefined ? undefined : read("tls.caFile", caFile, (pem) => new X509Certificate(pem));
  if (cert && key && !cert.parsed.checkPrivateKey(key.parsed)) {
    findings.push({
      path: placeOf("tls.keyFile"),
      why: `it is not the key of the certificate in ${certFile}: name the key that the certificate was made for`,
    });
  }
  if (!cert || !key) return { tls: undefined, findings };
  const tls = {
    cert: cert.pem,
    key: key.pem,
    clientCertificate,
    minVersion,
    ...(ca && { ca: ca.pem }),
    ...(ciphers !== undefined && { ciphers }),
  };
  return { tls, findings };

  function read<Parsed>(field: "tls.certFile" | "tls.keyFile" | "tls.caFile", path: string, parse: (pem: string) => Parsed) {
    try {
      const pem = readFile(path);
      return { pem, parsed: parse(pem) };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why =
        code?.startsWith("E") && !code.startsWith("ERR_") ? `it cannot be read: ${message}` : `it holds no ${KINDS[field]}: ${message}`;
      findings.push({ path: placeOf(field), why: `${why}; name a PEM file that the broker may read` });
      return undefined;
    }
  }
}

const KINDS = { "tls.certFile": "certificate", "tls.keyFile": "private key without a passphrase", "tls.caFile": "certificate" } as const;
