import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import { keptPassword } from "../../src/auth/new-password.js";
import { PasswordFileAuthenticator } from "../../src/auth/password-file-authenticator.js";
import { passwordHashProblem } from "../../src/auth/password-hash.js";
import { PasswordVerifier } from "../../src/auth/password-verifier.js";
import { parseUserFile } from "../../src/auth/user-file.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { SettableClock } from "../support/settable-clock.js";
import { requireTool } from "../support/tools.js";
import { describeAuthenticator } from "./authenticator.suite.js";
import { requestOf } from "./requests.js";

const SCRYPT = (await keptPassword("password", "scrypt", 10))!;
const PBKDF2 = (await keptPassword("pw:2", "pbkdf2-sha512", 101))!;

function authenticatorFor(users: ReadonlyMap<string, string>, maxWaiting = 1_000): PasswordFileAuthenticator {
  const limits = { maxConcurrent: 2, maxWaiting, maxWaitMs: 60_000, cacheEntries: 100 };
  return new PasswordFileAuthenticator(users, new PasswordVerifier({ clock: new SettableClock(), ...limits }));
}

const known = new Map([
  ["user", SCRYPT],
  ["other user", PBKDF2],
]);

describeAuthenticator("PasswordFileAuthenticator", () => authenticatorFor(known), {
  admitted: [{}, { userName: "other user", password: Buffer.from("pw:2") }, { clientId: "any", version: 3 }],
  refused: [{ password: Buffer.from("Password") }, { password: new Uint8Array() }, { userName: "other user" }],
  unknown: [
    { userName: "stranger" },
    { userName: "stranger", password: Buffer.from("pw:2") },
    { userName: undefined },
    { password: undefined },
    { userName: undefined, password: undefined },
    { userName: "__proto__" },
  ],
});

describe("PasswordFileAuthenticator", () => {
  it("takes as much work for a user that there is not as for one that there is", async () => {
    const answers = [
      { userName: "user", password: Buffer.from("x") },
      { userName: "nobody", password: Buffer.from("x") },
    ].map((special) => authenticatorFor(known).authenticate(requestOf(special)));
    for (const answer of answers) expect(answer).toBeInstanceOf(Promise);
    const busy = authenticatorFor(known, 0);
    const requests = ["user", "nobody"].map((userName) => requestOf({ userName, password: Buffer.from("x") }));
    for (let i = 0; i < 2; i++) void busy.authenticate(requestOf({ password: Buffer.from(`${i}`) }));
    for (const request of requests) expect(busy.authenticate(request)).toMatchObject({ allowed: false, reasonCode: ReasonCode.ServerBusy });
  });

  it("knows nobody if the file is empty", () => {
    expect(authenticatorFor(new Map()).authenticate(requestOf())).toBeUndefined();
  });
});

describe("files of mosquitto_passwd", () => {
  function inFolder(context: TestContext) {
    const program = requireTool(context, "mosquitto_passwd", "apt-get install mosquitto");
    const folder = mkdtempSync(join(tmpdir(), "mqttd-passwd-"));
    context.onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "users");
    return {
      file,
      mosquittoPasswd: (...args: string[]) => execFileSync(program, args, { stdio: "pipe" }),
      authenticator: () => {
        const { users, problems } = parseUserFile(readFileSync(file, "utf8"), passwordHashProblem);
        expect(problems).toEqual([]);
        return authenticatorFor(users);
      },
    };
  }

  async function outcomes(authenticator: PasswordFileAuthenticator, pairs: readonly (readonly [string, string])[]) {
    const answers = pairs.map(([userName, password]) =>
      authenticator.authenticate(requestOf({ userName, password: Buffer.from(password) })),
    );
    return (await Promise.all(answers)).map((answer) => answer?.allowed);
  }

  it.for([["its default"], ["sha512-pbkdf2", "-H", "sha512-pbkdf2"], ["sha512", "-H", "sha512"]])(
    "are understood: %s",
    async ([, ...scheme], context) => {
      const { file, mosquittoPasswd, authenticator } = inFolder(context);
      mosquittoPasswd(...scheme, "-b", "-c", file, "alice", "secret");
      mosquittoPasswd(...scheme, "-b", file, "böb", "p@ß w:ord");
      const pairs = [
        ["alice", "secret"],
        ["böb", "p@ß w:ord"],
        ["alice", "p@ß w:ord"],
        ["böb", "secret"],
        ["carol", "secret"],
      ] as const;
      expect(await outcomes(authenticator(), pairs)).toEqual([true, true, false, false, undefined]);
    },
  );

  it("are understood after it has hashed plain text", async (context) => {
    const { file, mosquittoPasswd, authenticator } = inFolder(context);
    writeFileSync(file, "carol:plain\ndave:other\n");
    mosquittoPasswd("-U", file);
    expect(
      await outcomes(authenticator(), [
        ["carol", "plain"],
        ["dave", "other"],
        ["dave", "plain"],
      ]),
    ).toEqual([true, true, false]);
  });
});
