import type { Runtime } from "../fuzz/target-process.js";

/* What the command lines of programs beside the tests (fuzz, torture, chaos, abuse) have in common. Each throws a TypeError that says what is wrong. */

export interface Range {
  readonly least: number;
  /** @default - no end */
  readonly most?: number;
  /** @default false */
  readonly mayBeFraction?: boolean;
}

export function numberOf(option: string, text: string, { least, most = Number.MAX_SAFE_INTEGER, mayBeFraction = false }: Range): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (number >= least && number <= most && (mayBeFraction || Number.isSafeInteger(number))) return number;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  throw new TypeError(`'--${option}' takes a ${mayBeFraction ? "" : "whole "}number ${range}, got ${JSON.stringify(text)}`);
}

export function choiceOf<Choice extends string>(option: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((each) => each === text);
  if (choice !== undefined) return choice;
  throw new TypeError(`'--${option}' takes one of ${choices.join(", ")}, got ${JSON.stringify(text)}`);
}

/** Those that `node`, `bun` or `both` means. */
export function runtimesOf(text: string): readonly Runtime[] {
  const choice = choiceOf("runtime", text, ["node", "bun", "both"]);
  return choice === "both" ? ["node", "bun"] : [choice];
}

/**
 * Reads the command line, then does what it asks for; the process ends with 0 if that went well, 1 if it did not, 2 if the command line is not
 * understood.
 *
 * @param read gives undefined where help is asked for
 */
export async function program<Options>(help: string, read: () => Options | undefined, main: (options: Options) => Promise<boolean>) {
  let options: Options | undefined;
  try {
    options = read();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}; --help tells more\n`);
    process.exitCode = 2;
    return;
  }
  if (options === undefined) process.stdout.write(help);
  else process.exitCode = (await main(options)) ? 0 : 1;
}
