import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { requireTool } from "./tools.js";

export interface KeyPair {
  /** PEM text. */
  readonly cert: string;
  readonly key: string;
  /** The same in files, which are there until the test ends. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** An authority made for one test, and certificates it signed. */
export interface Certificates {
  readonly ca: KeyPair;
  /** For localhost, 127.0.0.1 and ::1. */
  readonly server: KeyPair;
  /** Common name "device-1", alternative names DNS:a.example and 10.0.0.1. */
  readonly client: KeyPair;
  /** As `client`, but signed by itself. */
  readonly stranger: KeyPair;
  /** One more from the authority; `extension` is as openssl's configuration has it, a day that is negative one that is over. */
  sign(name: string, commonName: string, extension: string, days?: number): KeyPair;
}

const EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
const SERVER_NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1";
const CLIENT_NAMES = "subjectAltName=DNS:a.example,IP:10.0.0.1";

/** Makes them with the openssl program, so that no private key is ever committed. */
export function makeCertificates(context: TestContext): Certificates {
  const program = requireTool(context, "openssl", "install the package openssl");
  const folder = mkdtempSync(join(tmpdir(), "mqttd-certificates-"));
  context.onTestFinished(() => rmSync(folder, { recursive: true }));
  const openssl = (...args: string[]) => execFileSync(program, args, { cwd: folder, stdio: "pipe" });

  const selfSigned = (name: string, commonName: string, extension: string) => {
    openssl("req", "-x509", ...EC, "-keyout", `${name}.key`, "-out", `${name}.pem`, "-subj", `/CN=${commonName}`, "-addext", extension);
    return readKeyPair(folder, name);
  };
  const signed = (name: string, commonName: string, extension: string, days = 2) => {
    writeFileSync(join(folder, `${name}.ext`), extension);
    openssl("req", ...EC, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${commonName}`);
    const signer = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
    openssl("x509", "-req", "-in", `${name}.csr`, ...signer, "-days", `${days}`, "-extfile", `${name}.ext`, "-out", `${name}.pem`);
    return readKeyPair(folder, name);
  };
  return {
    ca: selfSigned("ca", "Test authority", "keyUsage=keyCertSign"),
    server: signed("server", "localhost", SERVER_NAMES),
    client: signed("client", "device-1", CLIENT_NAMES),
    stranger: selfSigned("stranger", "device-1", CLIENT_NAMES),
    sign: signed,
  };
}

/** For files with many tests: the first that asks makes them, the others get the same, of which only the text is still there. */
export function certificatesMadeOnce(): (context: TestContext) => Certificates {
  let made: Certificates | undefined;
  return (context) => (made ??= makeCertificates(context));
}

function readKeyPair(folder: string, name: string): KeyPair {
  const certFile = join(folder, `${name}.pem`);
  const keyFile = join(folder, `${name}.key`);
  return { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8"), certFile, keyFile };
}
