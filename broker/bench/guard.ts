import { pbkdf2Sync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GuardFiles } from "./contender.js";
import type { Credentials } from "./generator/job.js";
import { ACL_USERS } from "./rows.js";

export const CREDENTIALS: Credentials = { userName: "bench", password: "correct horse battery staple" };

/** What mosquitto_passwd of Debian 12 uses. */
const ITERATIONS = 101;

/** A password file and an ACL in mosquitto's formats: everyone connects as one user, whose right is one rule among many users'. */
export function writeGuard(folder: string): GuardFiles {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(CREDENTIALS.password, salt, ITERATIONS, 64, "sha512");
  const passwordFile = join(folder, "passwords");
  writeFileSync(passwordFile, `${CREDENTIALS.userName}:$7$${ITERATIONS}$${salt.toString("base64")}$${hash.toString("base64")}\n`, {
    mode: 0o600,
  });

  const others = Array.from({ length: ACL_USERS }, (_, index) => `user user-${index}\ntopic readwrite tenants/${index}/#`);
  const own = ["p", "s", "l", "fan"].map((first) => `topic readwrite ${first}/#`);
  const aclFile = join(folder, "acl");
  writeFileSync(aclFile, `${[...others, `user ${CREDENTIALS.userName}`, ...own].join("\n")}\n`, { mode: 0o600 });
  return { passwordFile, aclFile };
}
