import { keptPassword, type PasswordScheme, SCHEME_COSTS } from "../auth/new-password.js";
import { parsePasswordHash } from "../auth/password-hash.js";
import { saslPrep } from "../auth/sasl-prep.js";
import { parseScramCredentials } from "../auth/scram-credentials.js";
import { UserLines } from "../auth/user-lines.js";
import type { PasswdRequest } from "./passwd-command.js";
import { replaceFile } from "./replace-file.js";
import { EXIT, type Terminal } from "./terminal.js";

/** MQTT's strings and binary data have two bytes of length. */
const MAX_BYTES = 65_535;

type Ports = Pick<Terminal, "out" | "err" | "readFile" | "readSecret" | "readInput">;

/** A command line that contradicts itself. */
class UsageError extends Error {}

/** A request that cannot be carried out. */
class Refused extends Error {}

/** Does what `mqttd passwd` was asked for, and resolves with the exit code. Nothing is written unless all went well. */
export async function passwd(request: PasswdRequest, ports: Ports): Promise<number> {
  try {
    const done = await carryOut(request, ports);
    ports.out(`${done}\n`);
    return EXIT.ok;
  } catch (error) {
    const isSystems = error instanceof Error && "syscall" in error;
    if (!(error instanceof UsageError || error instanceof Refused || isSystems)) throw error;
    ports.err(`mqttd: ${isSystems ? systemProblem(request.file, error as NodeJS.ErrnoException) : (error as Error).message}\n`);
    return error instanceof UsageError ? EXIT.usage : EXIT.failure;
  }
}

async function carryOut(request: PasswdRequest, ports: Ports): Promise<string> {
  checkUsage(request);
  const lines = open(request, ports);
  const done = request.upgrade
    ? await upgrade(lines, request)
    : request.delete
      ? remove(lines, request.user!, request.file)
      : await set(lines, request, ports);
  replaceFile(request.file, lines.toString());
  return done;
}

function checkUsage({ user, password, create, delete: deletes, upgrade: upgrades, batch, passwordStdin }: PasswdRequest): void {
  if ([create, deletes, upgrades].filter(Boolean).length > 1)
    throw new UsageError("only one of --create, --delete and --upgrade can be done at a time");
  if (upgrades ? user !== undefined : user === undefined)
    throw new UsageError(upgrades ? "--upgrade takes a file and no user" : "a user is missing");
  if (batch !== (password !== undefined))
    throw new UsageError(
      batch
        ? "-b takes a password after the user"
        : "a password on the command line can be seen by everyone here: leave it out to be asked for it, use --password-stdin, or insist with -b",
    );
  if (batch && passwordStdin) throw new UsageError("the password comes either with -b or by --password-stdin");
  if ((deletes || upgrades) && (batch || passwordStdin)) throw new UsageError("no password is needed for that");
}

function open({ file, create }: PasswdRequest, { readFile }: Ports): UserLines {
  let text: string;
  try {
    text = readFile(file);
  } catch (error) {
    if (!create || (error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return new UserLines("");
  }
  if (create) throw new Refused(`${file} exists already: leave out --create to add to it, or delete it first`);
  return new UserLines(text);
}

function remove(lines: UserLines, user: string, file: string): string {
  if (!lines.has(user)) throw new Refused(`there is no user ${JSON.stringify(user)} in ${file}`);
  lines.delete(user);
  return `user ${JSON.stringify(user)} deleted`;
}

async function set(lines: UserLines, request: PasswdRequest, ports: Ports): Promise<string> {
  const kind = schemeFor(lines, request);
  const user = checkedUser(request.user!, kind.scheme);
  const password = await passwordFor(user, request, ports);
  const isNew = !lines.has(user);
  lines.set(user, await hashed(password, kind));
  return `user ${JSON.stringify(user)} ${isNew ? "added" : "changed"}`;
}

async function upgrade(lines: UserLines, request: PasswdRequest): Promise<string> {
  const kind = schemeFor(lines, request);
  const plain = lines.users.filter(([, secret]) => !isKept(secret));
  for (const [name, secret] of plain) lines.set(checkedUser(name, kind.scheme), await hashed(secret, kind));
  return `${plain.length} ${plain.length === 1 ? "password" : "passwords"} hashed`;
}

interface Kind {
  readonly scheme: PasswordScheme;
  readonly cost: number;
}

/** A file is for SCRAM or for passwords, as the broker reads it for one or the other. */
function schemeFor(lines: UserLines, { file, scheme: wanted, cost: wantedCost }: PasswdRequest): Kind {
  const kept = lines.users.map(([, secret]) => secret).filter(isKept);
  const isScram = kept.some((secret) => parseScramCredentials(secret) !== undefined);
  const scheme = wanted ?? (isScram ? "scram-sha-256" : "scrypt");
  if (kept.length > 0 && isScram !== (scheme === "scram-sha-256")) {
    throw new Refused(
      `${file} holds ${isScram ? "SCRAM users" : "hashed passwords"}, and --scheme is ${scheme}: give these users a file of their own`,
    );
  }
  const { standard, min, max } = SCHEME_COSTS[scheme];
  const cost = wantedCost ?? standard;
  if (cost < min || cost > max) throw new UsageError(`--cost of ${scheme} takes a whole number from ${min} to ${max}`);
  return { scheme, cost };
}

async function passwordFor(user: string, { batch, password, passwordStdin }: PasswdRequest, ports: Ports): Promise<string> {
  if (batch) {
    ports.err("mqttd: warning: everyone on this machine could see the password on the command line\n");
    return password!;
  }
  if (passwordStdin) return (await ports.readInput()).split(/\r?\n/, 1)[0]!;
  const first = await secretFrom(ports, `Password of ${user}: `);
  if ((await secretFrom(ports, "The same again: ")) !== first) throw new Refused("the two passwords are not the same: nothing was changed");
  return first;
}

async function secretFrom({ readSecret }: Ports, prompt: string): Promise<string> {
  const secret = await readSecret(prompt);
  if (secret === undefined) throw new Refused("no password was typed; where there is no terminal to type it at, use --password-stdin");
  return secret;
}

async function hashed(password: string, { scheme, cost }: Kind): Promise<string> {
  if (password === "") throw new Refused("the password is empty");
  if (Buffer.byteLength(password) > MAX_BYTES) throw new Refused(`the password is longer than ${MAX_BYTES} bytes`);
  const kept = await keptPassword(password, scheme, cost);
  if (kept === undefined) throw new Refused("the password has a character that SCRAM does not allow (RFC 4013)");
  return kept;
}

function checkedUser(user: string, scheme: PasswordScheme): string {
  const name = scheme === "scram-sha-256" ? saslPrep(user) : user;
  if (name === undefined) throw new Refused("the user name has a character that SCRAM does not allow (RFC 4013)");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (name === "" || name.startsWith("#") || /[:\0-\x1f\x7f]/.test(name)) {
    throw new Refused("a user name cannot be empty, begin with #, or hold a colon or a control character");
  }
  if (Buffer.byteLength(name) > MAX_BYTES) throw new Refused(`the user name is longer than ${MAX_BYTES} bytes`);
  return name;
}

function isKept(secret: string): boolean {
  return parsePasswordHash(secret.trim()) !== undefined || parseScramCredentials(secret.trim()) !== undefined;
}

function systemProblem(file: string, error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return `${file} is not there: --create begins a new file`;
  if (error.code === "EEXIST")
    return `${error.path} is there: another mqttd passwd is at work; if none is, one was interrupted, and that file can be deleted`;
  return `${file} cannot be changed: ${error.message}`;
}
