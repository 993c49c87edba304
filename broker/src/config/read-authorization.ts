import type { AclFile, ParsedAclFile } from "../auth/acl-file.js";
import type { HttpHookSettings } from "../auth/http-hook.js";
import { parseAclFile } from "../auth/parse-acl-file.js";
import { parseMosquittoAclFile } from "../auth/parse-mosquitto-acl-file.js";
import type { AclFileEntry, AuthorizationEntry } from "./authorization-schema.js";
import { resolveHttpHook } from "./http-hook-files.js";
import type { Finding } from "./listener-rules.js";
import type { Omitted } from "./parse-settings.js";
import type { ReadFile } from "./pem-files.js";
import type { Path } from "./schema-path.js";
import type { Settings } from "./settings-schema.js";

/** Lines that are told one by one; a wrong file may have a million. */
const MAX_LINES_TOLD = 10;

/** One who is asked what a client may do, with its files read. */
export type AuthorizerConfig = { readonly type: "acl-file"; readonly rules: AclFile } | ({ readonly type: "http" } & HttpHookSettings);

/** Who decides what clients may do. */
export interface AuthorizationConfig {
  /** Asked in this order; empty: everyone may do everything that the rules they come with do not forbid. */
  readonly authorizers: readonly AuthorizerConfig[];
  /** Whether a client may do what none of them decides. */
  readonly byDefault: boolean;
  readonly denyAction: Settings["authorizationDenyAction"];
}

/** `findings` say what is wrong with the files. */
export function readAuthorization(
  settings: Settings,
  { left, readFile }: { readonly left: Omitted; readonly readFile: ReadFile },
): { readonly authorization: AuthorizationConfig; readonly findings: readonly Finding[] } {
  const { aclFile, authorization, authorizationDefault, authorizationDenyAction: denyAction } = settings;
  const findings: Finding[] = [];
  if (authorization !== undefined && aclFile !== undefined) {
    const why = 'authorization replaces it: leave it out, or add {"type": "acl-file"} with this file to authorization';
    findings.push({ path: ["aclFile"], why });
  }
  const entries: readonly AuthorizationEntry[] =
    authorization ?? (aclFile === undefined ? [] : [{ type: "acl-file", file: aclFile, format: "auto" }]);
  const authorizers = entries.flatMap((entry, index): AuthorizerConfig[] => {
    if (entry.type === "http") {
      const report = (field: string, why: string) => findings.push({ path: ["authorization", String(index), field], why });
      const hook = resolveHttpHook(entry, readFile, report);
      return hook === undefined ? [] : [{ type: "http", ...hook }];
    }
    const path = authorization === undefined ? ["aclFile"] : ["authorization", String(index), "file"];
    if (left.has(path)) return [];
    const rules = readAclFile(entry, path, readFile, findings);
    return rules === undefined ? [] : [{ type: "acl-file", rules }];
  });
  return { authorization: { authorizers, byDefault: authorizationDefault === "allow", denyAction }, findings };
}

function readAclFile({ file, format }: AclFileEntry, path: Path, readFile: ReadFile, findings: Finding[]): AclFile | undefined {
  let text: string;
  try {
    text = readFile(file).replace(/^\uFEFF/, "");
  } catch (error) {
    findings.push({ path, why: `it cannot be read: ${(error as Error).message}; name a file that the broker may read` });
    return undefined;
  }
  const parsed = parse(text, format);
  for (const { line, why } of parsed.problems.slice(0, MAX_LINES_TOLD)) findings.push({ path, why: `line ${line} ${why}` });
  const more = parsed.problems.length - MAX_LINES_TOLD;
  if (more > 0) findings.push({ path, why: `${more} more of its lines are wrong` });
  return parsed.file;
}

function parse(text: string, format: AclFileEntry["format"]): ParsedAclFile {
  const isMosquitto = format === "auto" ? /^(?:\s*(?:#.*)?\n)*\s*(?:topic|user|pattern)(?:\s|$)/.test(text) : format === "mosquitto";
  return isMosquitto ? parseMosquittoAclFile(text) : parseAclFile(text);
}
