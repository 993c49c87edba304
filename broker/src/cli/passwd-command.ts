import { type Command, InvalidArgumentError, Option } from "commander";
import { PASSWORD_SCHEMES, type PasswordScheme, SCHEME_COSTS } from "../auth/new-password.js";

/** What `mqttd passwd` was asked for. */
export interface PasswdRequest {
  readonly file: string;
  readonly user: string | undefined;
  /** Given in the open, after `-b`. */
  readonly password: string | undefined;
  readonly create: boolean;
  readonly delete: boolean;
  readonly upgrade: boolean;
  readonly batch: boolean;
  readonly passwordStdin: boolean;
  /** Undefined: that of the file. */
  readonly scheme: PasswordScheme | undefined;
  /** Undefined: the scheme's own. */
  readonly cost: number | undefined;
}

/** Adds `mqttd passwd` to the commands, with the habits of mosquitto_passwd. */
export function addPasswdCommand(mqttd: Command, action: (request: PasswdRequest) => Promise<void>): Command {
  const command = mqttd
    .command("passwd")
    .description("add, change or delete a user in a password file; mosquitto's files are understood")
    .argument("<file>", "the password file")
    .argument("[user]", "the user to add or change")
    .argument("[password]", "only with -b: everyone on this machine can see it while the command runs")
    .option("-c, --create", "begin a new file")
    .option("-D, --delete", "delete the user")
    .option("-U, --upgrade", "hash every password that stands in the file as plain text")
    .option("--password-stdin", "read the password from standard input, its first line, instead of asking for it")
    .option("-b, --batch", "take the password from the command line")
    .addOption(
      new Option("--scheme <word>", "how the password is kept; scram-sha-256 is for files of authentication type scram").choices(
        PASSWORD_SCHEMES,
      ),
    )
    .addOption(new Option("--cost <number>", `work that a check takes: ${costs()}`).argParser(wholeNumber));
  return command.action((file: string, user: string | undefined, password: string | undefined) => {
    const given = command.opts();
    return action({
      ...{ file, user, password, scheme: given.scheme, cost: given.cost },
      create: given.create === true,
      delete: given.delete === true,
      upgrade: given.upgrade === true,
      batch: given.batch === true,
      passwordStdin: given.passwordStdin === true,
    });
  });
}

function costs(): string {
  const units = { scrypt: "N is 2 to this power", "pbkdf2-sha512": "iterations", "scram-sha-256": "iterations, made by the client" };
  return PASSWORD_SCHEMES.map((scheme) => `${scheme} ${SCHEME_COSTS[scheme].standard} (${units[scheme]})`).join(", ");
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It takes a whole number.");
  return Number(text);
}
