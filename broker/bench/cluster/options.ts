import { parseArgs } from "node:util";

export const PARTS = ["throughput", "latency", "routes", "sessions"] as const;
export type Part = (typeof PARTS)[number];

export interface Options {
  readonly help: boolean;
  readonly parts: readonly Part[];
  readonly runtime: "node" | "bun";
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly routes: number;
  readonly sessions: number;
  /** Folder for the results; undefined for none. */
  readonly out: string | undefined;
}

export const HELP = `npm run bench:cluster -- [options]

Measures brokers that are one cluster, on this machine alone: throughput of 1, 2 and 3 of them for traffic that stays at one and for traffic that crosses,
crossing latency beside local latency, a million routes, 100,000 persistent sessions. Needs nats-server. Takes about ten minutes.

  --only PART,PART   of ${PARTS.join(", ")} (all)
  --runtime R        what runs the brokers: node or bun (node)
  --quick            a tenth of everything, about a minute; not for quoting
  --rounds N         rounds of throughput and latency; the median is reported (3; 1 with --quick)
  --routes N         filters in the route table (1000000)
  --sessions N       persistent sessions (100000)
  --out FOLDER       where cluster-latest.json and cluster-latest.md go (broker/bench/results, if that exists and nothing is scaled down)
  --help
`;

/** Throws a TypeError that says what is wrong with the command line. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      only: { type: "string", default: PARTS.join(",") },
      runtime: { type: "string", default: "node" },
      rounds: { type: "string" },
      routes: { type: "string" },
      sessions: { type: "string" },
      out: { type: "string" },
    },
  });
  const { quick, runtime } = values;
  if (runtime !== "node" && runtime !== "bun") throw new TypeError(`'--runtime' takes node or bun, got ${runtime}`);
  const parts = values.only.split(",").map((name) => {
    const part = PARTS.find((each) => each === name.trim());
    if (part === undefined) throw new TypeError(`'--only' does not know '${name}'; there are ${PARTS.join(", ")}`);
    return part;
  });
  return {
    help: values.help,
    parts,
    runtime,
    rounds: count("--rounds", values.rounds, quick ? 1 : 3),
    warmUpMs: quick ? 300 : 1_000,
    windowMs: quick ? 700 : 2_000,
    routes: count("--routes", values.routes, quick ? 100_000 : 1_000_000),
    sessions: count("--sessions", values.sessions, quick ? 10_000 : 100_000),
    out: values.out,
  };
}

function count(flag: string, text: string | undefined, usual: number): number {
  const value = Number(text ?? usual);
  if (!Number.isInteger(value) || value < 1) throw new TypeError(`'${flag}' takes a whole number from 1, got ${text}`);
  return value;
}
