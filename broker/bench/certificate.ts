import { spawnSync } from "node:child_process";
import { join } from "node:path";

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A self-signed certificate for loopback, by `openssl`; undefined where that is not installed. */
export function makeCertificate(folder: string): CertificateFiles | undefined {
  const files = { certFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
  const args = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1".split(" ");
  const made = spawnSync("openssl", [...args, "-keyout", files.keyFile, "-out", files.certFile]);
  return made.status === 0 ? files : undefined;
}
