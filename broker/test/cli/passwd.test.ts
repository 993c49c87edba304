import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parsePasswordHash } from "../../src/auth/password-hash.js";
import { hashWith } from "../../src/auth/password-hashing.js";
import { parseScramCredentials } from "../../src/auth/scram-credentials.js";
import { run } from "../../src/cli/run.js";
import { requireTool } from "../support/tools.js";

interface Typed {
  /** What is typed at each prompt; without it there is no terminal. */
  readonly keys?: readonly string[];
  readonly input?: string;
}

/** `mqttd passwd` with a folder of its own. */
function withFolder() {
  const folder = mkdtempSync(join(tmpdir(), "mqttd-passwd-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "users");
  return {
    folder,
    file,
    write: (text: string) => writeFileSync(file, text),
    users: () =>
      readFileSync(file, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => line.slice(0, line.indexOf(":"))),
    keptOf: (user: string) =>
      new Map(
        readFileSync(file, "utf8")
          .split("\n")
          .map((line) => splitLine(line)),
      ).get(user)!,
    async passwd(argv: readonly string[], { keys = [], input = "" }: Typed = {}) {
      let [out, err] = ["", ""];
      const prompts: string[] = [];
      const left = [...keys];
      const terminal = {
        out: (text: string) => {
          out += text;
        },
        err: (text: string) => {
          err += text;
        },
        isScreen: false,
        env: {},
        readFile: (path: string) => readFileSync(path, "utf8"),
        readSecret: async (prompt: string) => {
          prompts.push(prompt);
          return left.shift();
        },
        readInput: async () => input,
      };
      const nothing = () => Promise.reject(new Error("nothing is served here"));
      const code = await run(["passwd", ...argv], terminal, nothing, nothing);
      return { code, out, err, prompts };
    },
  };
}

function splitLine(line: string): [string, string] {
  return [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)];
}

async function isPassword(kept: string, password: string): Promise<boolean> {
  const hash = parsePasswordHash(kept)!;
  return (await hashWith(hash, Buffer.from(password))).equals(hash.hash);
}

const QUICK = ["--scheme", "pbkdf2-sha512", "--cost", "10"];

describe("mqttd passwd", () => {
  it("asks twice and begins a file for its owner alone, kept by scrypt", async () => {
    const { file, users, keptOf, passwd, folder } = withFolder();
    const { code, out, err, prompts } = await passwd(["--create", file, "alice"], { keys: ["s3cret", "s3cret"] });
    expect({ code, out, err }).toEqual({ code: 0, out: 'user "alice" added\n', err: "" });
    expect(prompts).toEqual(["Password of alice: ", "The same again: "]);
    expect(users()).toEqual(["alice"]);
    expect(parsePasswordHash(keptOf("alice"))).toMatchObject({ scheme: "scrypt", logN: 14, r: 8, p: 1 });
    expect(await isPassword(keptOf("alice"), "s3cret")).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["users"]);
  });

  it("adds, changes and deletes users, and leaves all the rest as it was", async () => {
    const { file, write, users, keptOf, passwd } = withFolder();
    write("# our users\n\nalice:old\nbob:$6$c2FsdA==$x\n\n# the end\n");
    expect((await passwd([...QUICK, "--password-stdin", file, "alice"], { input: "new\nsecond line\n" })).out).toBe(
      'user "alice" changed\n',
    );
    expect((await passwd([...QUICK, "--password-stdin", file, "carol"], { input: "third" })).out).toBe('user "carol" added\n');
    expect(readFileSync(file, "utf8")).toMatch(/^# our users\n\nalice:\$7\$.*\nbob:\$6\$c2FsdA==\$x\n\n# the end\ncarol:\$7\$.*\n$/);
    expect(await isPassword(keptOf("alice"), "new")).toBe(true);
    expect(await isPassword(keptOf("carol"), "third")).toBe(true);
    expect((await passwd(["-D", file, "bob"])).out).toBe('user "bob" deleted\n');
    expect(users()).not.toContain("bob");
  });

  it("hashes plain text, and what is hashed already not once more", async () => {
    const { file, write, keptOf, passwd } = withFolder();
    const { code } = await passwd([...QUICK, "-c", "--password-stdin", file, "alice"], { input: "first" });
    expect(code).toBe(0);
    const alice = keptOf("alice");
    write(`alice:${alice}\nbob:pl:ain\ncarol:$ecret\n`);
    expect((await passwd([...QUICK, "-U", file])).out).toBe("2 passwords hashed\n");
    expect(keptOf("alice")).toBe(alice);
    expect(await isPassword(keptOf("bob"), "pl:ain")).toBe(true);
    expect(await isPassword(keptOf("carol"), "$ecret")).toBe(true);
  });

  it("takes a password from the command line only with -b, and warns", async () => {
    const { file, keptOf, passwd } = withFolder();
    const { code, err } = await passwd([...QUICK, "-c", "-b", file, "alice", "s3cret"]);
    expect(code).toBe(0);
    expect(err).toBe("mqttd: warning: everyone on this machine could see the password on the command line\n");
    expect(await isPassword(keptOf("alice"), "s3cret")).toBe(true);
  });

  it("keeps SCRAM users in a file of their own", async () => {
    const { file, keptOf, passwd } = withFolder();
    const scram = ["--scheme", "scram-sha-256"];
    expect((await passwd([...scram, "-c", "--password-stdin", file, "IX\u00AD"], { input: "pencil" })).out).toBe('user "IX" added\n');
    expect(parseScramCredentials(keptOf("IX"))).toMatchObject({ iterations: 10_000 });
    expect((await passwd(["--password-stdin", file, "bob"], { input: "x" })).code).toBe(0);
    expect(keptOf("bob")).toMatch(/^\$scram-sha-256\$10000\$/);
    const refused = await passwd([...QUICK, "--password-stdin", file, "carol"], { input: "x" });
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("give these users a file of their own") });
  });

  it("keeps what owner and group may do, takes the rest away, and replaces what a link points to", async () => {
    const { file, folder, write, passwd } = withFolder();
    write("alice:x\n");
    chmodSync(file, 0o664);
    const link = join(folder, "link");
    symlinkSync(file, link);
    const before = statSync(file);
    expect((await passwd([...QUICK, "--password-stdin", link, "bob"], { input: "x" })).code).toBe(0);
    const after = statSync(file);
    expect(after.mode & 0o777).toBe(0o660);
    expect([after.uid, after.gid]).toEqual([before.uid, before.gid]);
    expect(after.ino).not.toBe(before.ino);
    expect(readFileSync(link, "utf8")).toMatch(/^alice:x\nbob:\$7\$/);
  });

  it.each<[string, readonly string[], Typed, string]>([
    ["a file that is not there", ["{}", "alice"], { keys: ["x", "x"] }, "is not there: --create begins a new file"],
    ["a user that is not there", ["-D", "{+}", "bob"], {}, 'there is no user "bob" in'],
    ["to begin a file anew", ["-c", "{+}", "bob"], { keys: ["x", "x"] }, "exists already: leave out --create"],
    ["two passwords that differ", ["-c", "{}", "alice"], { keys: ["x", "y"] }, "the two passwords are not the same"],
    ["to ask where nobody is", ["-c", "{}", "alice"], {}, "use --password-stdin"],
    ["an empty password", ["-c", "--password-stdin", "{}", "alice"], { input: "\n" }, "the password is empty"],
    [
      "a password that no client can send",
      ["-c", "--password-stdin", "{}", "alice"],
      { input: "x".repeat(65_536) },
      "longer than 65535 bytes",
    ],
    ["a colon in the name", ["-c", "--password-stdin", "{}", "a:b"], { input: "x" }, "a user name cannot be empty"],
    ["a name that would be a comment", ["-c", "--password-stdin", "{}", "#a"], { input: "x" }, "begin with #"],
    ["a name with a line end", ["-c", "--password-stdin", "{}", "a\nb"], { input: "x" }, "a control character"],
    [
      "a character that SCRAM does not have",
      ["-c", "--scheme", "scram-sha-256", "--password-stdin", "{}", "alice"],
      { input: "\uE000" },
      "the password has a character that SCRAM does not allow",
    ],
  ])("refuses %s, and changes nothing", async (_, argv, typed, problem) => {
    const { file, write, passwd } = withFolder();
    if (argv.includes("{+}")) write("alice:x\n");
    const { code, out, err } = await passwd(
      argv.map((word) => word.replace(/\{\+?\}/, file)),
      typed,
    );
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/^mqttd: .*\n$/);
    expect(err).toContain(problem);
    if (argv.includes("{+}")) expect(readFileSync(file, "utf8")).toBe("alice:x\n");
    else expect(existsSync(file)).toBe(false);
  });

  it("refuses to work on a file that another is at", async () => {
    const { file, write, passwd } = withFolder();
    write("alice:x\n");
    writeFileSync(`${file}.new`, "half");
    const { code, err } = await passwd(["-D", file, "alice"]);
    expect(code).toBe(1);
    expect(err).toContain(`${file}.new is there: another mqttd passwd is at work`);
    expect(readFileSync(`${file}.new`, "utf8")).toBe("half");
  });

  it.each([
    [["f"], "a user is missing"],
    [["-U", "f", "alice"], "--upgrade takes a file and no user"],
    [["-D", "-U", "f"], "only one of"],
    [["f", "alice", "s3cret"], "leave it out to be asked for it"],
    [["-b", "f", "alice"], "-b takes a password after the user"],
    [["-b", "--password-stdin", "f", "alice", "x"], "either with -b or by --password-stdin"],
    [["-D", "--password-stdin", "f", "alice"], "no password is needed"],
    [["--scheme", "md5", "f", "alice"], "Allowed choices are scrypt, pbkdf2-sha512, scram-sha-256"],
    [["--cost", "many", "f", "alice"], "It takes a whole number"],
    [[], "missing required argument 'file'"],
  ])("does not understand %j", async (argv, problem) => {
    const { passwd } = withFolder();
    const { code, out, err } = await passwd(argv);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(problem);
    expect(err).not.toContain("s3cret");
  });

  it.each([
    ["scrypt", "9"],
    ["scrypt", "19"],
    ["pbkdf2-sha512", "0"],
    ["scram-sha-256", "4095"],
  ])("has bounds of --cost: %s %s", async (scheme, cost) => {
    const { file, passwd } = withFolder();
    const { code, err } = await passwd(["-c", "--scheme", scheme, "--cost", cost, "--password-stdin", file, "alice"], { input: "x" });
    expect(code).toBe(2);
    expect(err).toContain(`--cost of ${scheme} takes a whole number from`);
  });

  it("changes files of mosquitto_passwd, which changes them again", async (context) => {
    const program = requireTool(context, "mosquitto_passwd", "apt-get install mosquitto");
    const { file, users, keptOf, passwd } = withFolder();
    execFileSync(program, ["-b", "-c", file, "alice", "one"], { stdio: "pipe" });
    await passwd([...QUICK, "--password-stdin", file, "bob"], { input: "two" });
    execFileSync(program, ["-b", file, "alice", "three"], { stdio: "pipe" });
    expect(users()).toEqual(["alice", "bob"]);
    expect(await isPassword(keptOf("alice"), "three")).toBe(true);
    expect(await isPassword(keptOf("bob"), "two")).toBe(true);
  });
});
