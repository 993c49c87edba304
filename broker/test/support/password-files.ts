import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { keptPassword, type PasswordScheme } from "../../src/auth/new-password.js";

export interface FileOfUsers {
  /** Passwords by user name. */
  readonly users: Readonly<Record<string, string>>;
  /** @default "pbkdf2-sha512" */
  readonly scheme?: PasswordScheme;
  /** @default - as little work as the scheme allows */
  readonly cost?: number;
}

const LEAST = { scrypt: 10, "pbkdf2-sha512": 101, "scram-sha-256": 4_096 };

/** Writes a file of users that is there until the test ends, and gives its path. */
export async function passwordFile({ users, scheme = "pbkdf2-sha512", cost = LEAST[scheme] }: FileOfUsers): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "mqttd-users-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const lines = Object.entries(users).map(async ([name, password]) => `${name}:${await keptPassword(password, scheme, cost)}\n`);
  const path = join(folder, "users");
  writeFileSync(path, (await Promise.all(lines)).join(""));
  return path;
}
