import { passwordHashProblem } from "../auth/password-hash.js";
import { scramProblem } from "../auth/scram-credentials.js";
import { parseUserFile } from "../auth/user-file.js";
import type { AuthenticationEntry } from "./authentication-schema.js";
import type { AuthenticatorConfig } from "./config.js";
import { resolveHttpHook } from "./http-hook-files.js";
import { resolveJwt } from "./jwt-files.js";
import type { Finding } from "./listener-rules.js";
import type { ReadFile } from "./pem-files.js";
import type { Path } from "./schema-path.js";

/** Lines that are told one by one; a wrong file may have a million. */
const MAX_LINES_TOLD = 10;

/** Those who are asked about clients, with their files read; `findings` say what is wrong with these. */
export interface ReadAuthentication {
  readonly authentication: readonly AuthenticatorConfig[];
  readonly findings: readonly Finding[];
}

/** `pathOf` gives the setting behind the field of an entry. */
export function readAuthentication(
  entries: readonly AuthenticationEntry[],
  pathOf: (index: number, field: string) => Path,
  readFile: ReadFile,
): ReadAuthentication {
  const findings: Finding[] = [];
  for (const index of entries.keys()) {
    if (entries[index]!.type !== "scram" || !entries.slice(0, index).some(({ type }) => type === "scram")) continue;
    findings.push({ path: pathOf(index, "type"), why: "another entry before it is scram too: put all users into one file" });
  }
  const authentication = entries.flatMap((entry, index) => {
    const resolved = resolve(entry, readFile, (field, why) => findings.push({ path: pathOf(index, field), why }));
    return resolved === undefined ? [] : [resolved];
  });
  return { authentication, findings };
}

type Report = (field: string, why: string) => void;

function resolve(entry: AuthenticationEntry, readFile: ReadFile, report: Report): AuthenticatorConfig | undefined {
  switch (entry.type) {
    case "password-file":
      return withUsers(entry, passwordHashProblem, readFile, report);
    case "scram":
      return withUsers(entry, scramProblem, readFile, report);
    case "certificate":
      return entry;
    case "jwt": {
      const settings = resolveJwt(entry, readFile, report);
      return settings && { type: "jwt", ...settings };
    }
    case "http": {
      const settings = resolveHttpHook(entry, readFile, report);
      return settings && { type: "http", ...settings };
    }
  }
}

function withUsers<Entry extends { readonly file: string }>(
  entry: Entry,
  problemWith: (secret: string) => string | undefined,
  readFile: ReadFile,
  report: Report,
): (Entry & { users: ReadonlyMap<string, string> }) | undefined {
  let text: string;
  try {
    text = readFile(entry.file);
  } catch (error) {
    report("file", `it cannot be read: ${(error as Error).message}; name a file that the broker may read`);
    return undefined;
  }
  const { users, problems } = parseUserFile(text, problemWith);
  for (const { line, why } of problems.slice(0, MAX_LINES_TOLD)) report("file", `line ${line} ${why}`);
  if (problems.length > MAX_LINES_TOLD) report("file", `${problems.length - MAX_LINES_TOLD} more of its lines are wrong`);
  return { ...entry, users };
}
