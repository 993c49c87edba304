import { parseArgs } from "node:util";

export interface Options {
  readonly help: boolean;
  readonly isQuick: boolean;
  readonly version: 4 | 5;
  /** Names of rows; undefined for the usual ones. */
  readonly only: readonly string[] | undefined;
  /** Names of brokers; undefined for all. */
  readonly brokers: readonly string[] | undefined;
  readonly rounds: number;
  /** Folder for the results; undefined for the usual one, if it exists. */
  readonly out: string | undefined;
}

export const HELP = `npm run bench -- [options]

Measures our broker on Node and on Bun beside mosquitto and aedes, all in one run, and prints a table of medians and of ratios to
mosquitto. Brokers run one after the other on core 0, the load generator on core 1. Takes about ten minutes.

  --quick            one short round with fewer connections, about two minutes; not for quoting
  --only ROW,ROW     only these rows; also those that are left out otherwise
  --brokers A,B      only these brokers: mqttd-node, mqttd-node24, mqttd-bun, mosquitto, aedes, null
  --v5               MQTT 5 instead of 3.1.1; leaves aedes out, which does not speak it
  --rounds N         rounds of each row, interleaved over the brokers; the median is reported (3; 1 with --quick)
  --out FOLDER       where <date>.json, latest.md and latest.svg go (broker/bench/results, if that exists)
  --help

"null" carries bytes without looking at them: what the generator itself can do, on a row of its own in each round.
BENCH_NODE24=FILE names another node binary, which becomes the column mqttd-node24.
`;

/** Throws a TypeError that says what is wrong with the command line. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      v5: { type: "boolean", default: false },
      only: { type: "string" },
      brokers: { type: "string" },
      rounds: { type: "string" },
      out: { type: "string" },
    },
  });
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(rounds) || rounds < 1) throw new TypeError(`'--rounds' takes a whole number from 1, got ${values.rounds}`);
  return {
    help: values.help,
    isQuick: values.quick,
    version: values.v5 ? 5 : 4,
    only: namesIn(values.only),
    brokers: namesIn(values.brokers),
    rounds,
    out: values.out,
  };
}

/** Those of `all` that `names` asks for, in the order of `all`. Throws a TypeError for an unknown name. */
export function pick<T extends { readonly name: string }>(all: readonly T[], names: readonly string[], flag: string): T[] {
  for (const name of names) {
    if (all.some((each) => each.name === name)) continue;
    throw new TypeError(`'${flag}' does not know '${name}'; there are ${all.map((each) => each.name).join(", ")}`);
  }
  return all.filter((each) => names.includes(each.name));
}

function namesIn(list: string | undefined): string[] | undefined {
  return list
    ?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
