import { createHash } from "node:crypto";
import type { AdminSettings } from "./admin-schema.js";
import { EntryFiles, type Report } from "./entry-files.js";
import { isLoopback } from "./listener-drafts.js";
import type { ReadFile } from "./pem-files.js";

/** What a token lets its bearer do: look, or change things too. */
export type AdminScope = "read" | "admin";

/** Someone who may use the admin port. */
export interface AdminToken {
  /** What the audit log calls its bearer. */
  readonly name: string;
  readonly scope: AdminScope;
  /** SHA-256 of the token, in hexadecimal digits. */
  readonly digest: string;
}

/** The admin port as the broker needs it. */
export interface AdminConfig {
  readonly host: string;
  readonly port: number;
  /** Whether only this machine can reach it. */
  readonly isLoopback: boolean;
  /** Undefined: no token is asked for, which goes for the loopback only. */
  readonly tokens: readonly AdminToken[] | undefined;
  readonly allowedHosts: readonly string[];
}

/** Guessing shorter ones is feasible for who may try for long. */
const LEAST_TOKEN_CHARACTERS = 16;

const LINE = /^(read|admin)\s+(\S+)(?:\s+(\S.*))?$/;
const DIGEST = /^sha256:([\da-f]{64})$/i;

/** The settings of `admin` with their file read; undefined if there is no such port, or if something is wrong, which is reported. */
export function resolveAdmin(settings: AdminSettings, readFile: ReadFile, report: Report<keyof AdminSettings>): AdminConfig | undefined {
  const { host, port, tokensFile, allowedHosts } = settings;
  if (port === "off") return undefined;
  const files = new EntryFiles(readFile, report);
  const tokens = readTokens(tokensFile, files);
  if (tokensFile === undefined && !isLoopback(host)) {
    files.report("host", "other machines can reach it, and there are no tokens: name admin.tokensFile, or listen on 127.0.0.1");
  }
  if (!files.isComplete) return undefined;
  return { host, port, isLoopback: isLoopback(host), tokens, allowedHosts };
}

/** The tokens of a file that stand there as they are, not only by their digest. */
export function plainTokens(text: string): readonly { readonly scope: AdminScope; readonly token: string }[] {
  return linesOf(text).flatMap(({ fields }) =>
    fields === undefined || DIGEST.test(fields[2]!) ? [] : [{ scope: fields[1] as AdminScope, token: fields[2]! }],
  );
}

function readTokens(path: string | undefined, files: EntryFiles<keyof AdminSettings>): readonly AdminToken[] | undefined {
  const text = files.text("tokensFile", path);
  if (text === undefined) return undefined;
  const lines = linesOf(text);
  if (lines.length === 0) files.report("tokensFile", "it holds no token: add a line such as admin and a long random word");
  const tokens: AdminToken[] = [];
  for (const { fields, number } of lines) {
    const [, scope, token = "", name] = fields ?? [];
    // The line itself may be a secret.
    if (scope === undefined) files.report("tokensFile", `line ${number} is not read or admin, a token and perhaps a name`);
    else if (token.length < LEAST_TOKEN_CHARACTERS) {
      files.report("tokensFile", `the token in line ${number} has less than ${LEAST_TOKEN_CHARACTERS} characters: make a longer one`);
    } else tokens.push({ name: name ?? `line ${number}`, scope: scope as AdminScope, digest: digestOf(token) });
  }
  return tokens;
}

function linesOf(text: string): { readonly fields: RegExpMatchArray | undefined; readonly number: number }[] {
  const lines = text.split(/\r?\n/).map((line, index) => ({ line: line.trim(), number: index + 1 }));
  return lines
    .filter(({ line }) => line !== "" && !line.startsWith("#"))
    .map(({ line, number }) => ({ fields: line.match(LINE) ?? undefined, number }));
}

function digestOf(token: string): string {
  return token.match(DIGEST)?.[1]?.toLowerCase() ?? createHash("sha256").update(token).digest("hex");
}
