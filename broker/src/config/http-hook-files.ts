import { createPrivateKey, X509Certificate } from "node:crypto";
import type { HttpHookSettings } from "../auth/http-hook.js";
import { EntryFiles, type Report } from "./entry-files.js";
import type { HttpAuthenticationEntry, HttpAuthorizationEntry } from "./http-hook-schema.js";
import type { ReadFile } from "./pem-files.js";

type Entry = HttpAuthenticationEntry | HttpAuthorizationEntry;
type Field = keyof Entry;

/** RFC 9110, 5.6.2 and 5.5. */
const HEADER = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\x20-\x7e\t]*?)[ \t]*$/;
/** Those that the client itself sends. */
const OWN_HEADERS = ["accept", "connection", "content-length", "content-type", "host", "transfer-encoding"];

/** A hook's settings with its files read; undefined if something about them is wrong, which is reported. */
export function resolveHttpHook(entry: Entry, readFile: ReadFile, report: Report<Field>): HttpHookSettings | undefined {
  const files = new EntryFiles(readFile, report);
  const { url, timeoutSeconds, maxConnections, maxWaiting, maxAnswerBytes, cacheEntries, allowCacheSeconds, denyCacheSeconds } = entry;
  const ca = files.checked("caFile", entry.caFile, "certificate", (pem) => new X509Certificate(pem));
  const cert = files.checked("certFile", entry.certFile, "certificate", (pem) => new X509Certificate(pem));
  const key = files.checked("keyFile", entry.keyFile, "private key without a passphrase", createPrivateKey);
  checkTls(entry, files);
  if (cert !== undefined && key !== undefined && !new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    files.report("keyFile", "it is not the key of the certificate in certFile: name the key that the certificate was made for");
  }
  const headers = readHeaders(entry.headersFile, files);
  if (!files.isComplete) return undefined;
  const tls = { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
  return {
    url,
    headers,
    ...(Object.keys(tls).length > 0 && { tls }),
    timeoutMs: timeoutSeconds * 1_000,
    maxConnections,
    maxWaiting,
    maxAnswerBytes,
    cacheEntries,
    allowCacheMs: allowCacheSeconds * 1_000,
    denyCacheMs: denyCacheSeconds * 1_000,
  };
}

function checkTls(entry: Entry, files: EntryFiles<Field>): void {
  const { url, certFile, keyFile } = entry;
  if (/^http:/i.test(url)) {
    for (const field of ["caFile", "certFile", "keyFile"] as const) {
      if (entry[field] !== undefined) files.report(field, "the url is without TLS: leave it out, or make the url begin with https://");
    }
  } else if ((certFile === undefined) !== (keyFile === undefined)) {
    files.report(certFile === undefined ? "certFile" : "keyFile", "certificate and key are needed together: name both, or neither");
  }
}

/** What is wrong is told by the line's number: the lines may be secrets. */
function readHeaders(path: string | undefined, files: EntryFiles<Field>): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const lines = files.text("headersFile", path)?.split(/\r?\n/) ?? [];
  lines.forEach((line, index) => {
    if (line.trim() === "" || line.startsWith("#")) return;
    const [, name, value = ""] = HEADER.exec(line) ?? [];
    if (name === undefined) files.report("headersFile", `line ${index + 1} is not Name: value`);
    else if (OWN_HEADERS.includes(name.toLowerCase())) {
      files.report("headersFile", `line ${index + 1} is ${name}, which the broker sets itself: leave it out`);
    } else headers[name.toLowerCase()] = value;
  });
  return headers;
}
