import { createPrivateKey, X509Certificate } from "node:crypto";
import type { NatsConnectionOptions, NatsCredentials, NatsTls } from "../cluster/nats/engine-options.js";
import { EntryFiles, type Report } from "./entry-files.js";
import { type NatsSettings, thisHost } from "./nats-schema.js";
import type { ReadFile } from "./pem-files.js";
import { limit } from "./resolve-listener.js";

/** What joins this broker to others. */
export interface NatsConfig extends NatsConnectionOptions, Readonly<Pick<NatsSettings, Shared>> {
  /** Letters, digits, - and _. */
  readonly brokerName: string;
  /** Infinity keeps clients however long NATS is silent. */
  readonly cutOffAfterSeconds: number;
}

type Shared =
  | "cluster"
  | "replicas"
  | "storage"
  | "ownerShards"
  | "sessionShards"
  | "deadAfterSeconds"
  | "acknowledge"
  | "maxBatchBytes"
  | "maxInFlightBytes"
  | "retainedMemoryBytes";

type Files = EntryFiles<string>;

const USER_FILES = ["credentialsFile", "passwordFile", "tokenFile", "nkeySeedFile"] as const;

/**
 * The settings of `nats` with their files read; undefined without servers, or if something is wrong, which is reported. `given` has the
 * names of those that are not as they are by default.
 */
export function resolveNats(
  settings: NatsSettings,
  given: readonly string[],
  readFile: ReadFile,
  report: Report<string>,
): NatsConfig | undefined {
  const {
    servers: urls,
    cluster,
    replicas,
    storage,
    ownerShards,
    sessionShards,
    deadAfterSeconds,
    acknowledge,
    maxBatchBytes,
    maxInFlightBytes,
    retainedMemoryBytes,
  } = settings;
  const files = new EntryFiles(readFile, report);
  if (urls === undefined) {
    // Whoever names anything else wants a cluster, and should not get a broker that is alone.
    for (const field of given) files.report(field, "without nats.servers it does nothing: name the servers too, or leave it out");
    return undefined;
  }
  const servers = urls.split(",").map((url) => url.trim());
  if (servers.some((url) => new URL(url).port === "0" || url.startsWith("tls:") !== servers[0]!.startsWith("tls:"))) {
    files.report("servers", "they all begin with nats:// or all with tls://, and have ports from 1 on");
  }
  const credentials = readUser(settings, files);
  const tls = readTls(settings, servers, files);
  if (!files.isComplete) return undefined;
  return {
    servers,
    cluster,
    brokerName: (settings.brokerName ?? thisHost()).replaceAll(/[^\w-]/g, "-"),
    credentials,
    tls,
    replicas,
    storage,
    ownerShards,
    sessionShards,
    deadAfterSeconds,
    cutOffAfterSeconds: limit(settings.cutOffAfterSeconds ?? deadAfterSeconds),
    acknowledge,
    maxBatchBytes,
    maxInFlightBytes,
    retainedMemoryBytes,
  };
}

function readUser(settings: NatsSettings, files: Files): NatsCredentials | undefined {
  const [field, other] = USER_FILES.filter((name) => settings[name] !== undefined);
  if (field === undefined) return undefined;
  if (other !== undefined) files.report(other, `nats.${field} is given too: the broker is one user, leave out the others`);
  const text = files.text(field, settings[field])?.trim();
  if (text === undefined) return undefined;
  const credentials = parseUser(field, text);
  if (credentials === undefined) files.report(field, FORMS[field]);
  return credentials;
}

const FORMS = {
  credentialsFile: "it holds no credentials: name a .creds file, with -----BEGIN NATS USER JWT----- and a seed",
  passwordFile: "it holds no line user:password",
  tokenFile: "it holds no token, or more than one line",
  nkeySeedFile: "it holds no seed of a user: one line that begins with SU",
};

function parseUser(field: (typeof USER_FILES)[number], text: string): NatsCredentials | undefined {
  const isOneLine = text !== "" && !/[\r\n]/.test(text);
  switch (field) {
    case "credentialsFile":
      return /BEGIN NATS USER JWT[\s\S]*BEGIN USER NKEY SEED/.test(text) ? { type: "credentials", text: `${text}\n` } : undefined;
    case "passwordFile": {
      const colon = text.indexOf(":");
      if (!isOneLine || colon < 1) return undefined;
      return { type: "user", user: text.slice(0, colon), password: text.slice(colon + 1) };
    }
    case "tokenFile":
      return isOneLine ? { type: "token", token: text } : undefined;
    case "nkeySeedFile":
      return /^SU[A-Z2-7]{56}$/.test(text) ? { type: "nkey", seed: text } : undefined;
  }
}

function readTls({ tls }: NatsSettings, servers: readonly string[], files: Files): NatsTls | undefined {
  const { handshakeFirst } = tls;
  const ca = files.checked("tls.caFile", tls.caFile, "certificate", (pem) => new X509Certificate(pem));
  const cert = files.checked("tls.certFile", tls.certFile, "certificate", (pem) => new X509Certificate(pem));
  const key = files.checked("tls.keyFile", tls.keyFile, "private key without a passphrase", createPrivateKey);
  if ((tls.certFile === undefined) !== (tls.keyFile === undefined)) {
    const missing = tls.certFile === undefined ? "tls.certFile" : "tls.keyFile";
    files.report(missing, "certificate and key are needed together: name both, or neither");
  }
  if (cert !== undefined && key !== undefined && !new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    files.report(
      "tls.keyFile",
      "it is not the key of the certificate in nats.tls.certFile: name the key that the certificate was made for",
    );
  }
  const isWanted = handshakeFirst || servers.some((url) => url.startsWith("tls:"));
  if (!isWanted && ca === undefined && cert === undefined) return undefined;
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    isHandshakeFirst: handshakeFirst,
  };
}
