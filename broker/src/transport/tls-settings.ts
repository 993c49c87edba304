import { createPrivateKey, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { TlsOptions } from "./listener.js";

/** Throws an Error that names the setting which is wrong, before a runtime does so without. */
export function checkTls({ cert, key, ca, clientCertificate, ciphers }: TlsOptions): void {
  const certificate = checked("tls.cert", "must be a certificate in PEM", () => new X509Certificate(cert));
  const privateKey = checked("tls.key", "must be a private key in PEM, without a passphrase", () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey))
    throw new Error(`"tls.key" is not the key of "tls.cert"; give the two that belong together`);
  if (ca !== undefined) checked("tls.ca", "must be certificates in PEM", () => new X509Certificate(ca));
  if (ca === undefined && clientCertificate !== "none") {
    // Otherwise everyone with a certificate of a public authority would be let in.
    throw new Error(
      `"tls.clientCertificate" is "${clientCertificate}", but there is no "tls.ca" to check client certificates against; set it`,
    );
  }
  if (ciphers !== undefined) checked("tls.ciphers", "must be a list in OpenSSL's format", () => createSecureContext({ ciphers }));
}

function checked<T>(setting: string, remedy: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`"${setting}" ${remedy}: ${(error as Error).message}`, { cause: error });
  }
}
