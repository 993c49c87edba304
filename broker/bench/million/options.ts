import { parseArgs } from "node:util";

export interface MillionOptions {
  readonly help: boolean;
  readonly connections: number;
  /** Brokers that know nothing of each other, without NATS. */
  readonly isStandalone: boolean;
  /** Prints the arithmetic and ends. */
  readonly isPlanOnly: boolean;
  /** Starts although memory will not do; a watch on memory ends the ramp in time. */
  readonly isForced: boolean;
  readonly keepAliveSeconds: number;
  /** Of each broker, who get a message at the end. */
  readonly samplePerBroker: number;
  readonly runtime: "bun" | "node";
  /** Connections a second; 0: as fast as it goes. */
  readonly connectRate: number;
  /** Where the report goes; undefined for nowhere. */
  readonly out: string | undefined;
  readonly name: string;
}

export const HELP = `npm run bench:million -- [options]

A million live MQTT connections on this machine, over loopback: as many broker processes as the limit on open files needs, clustered over one
nats-server, and as many processes of \`mqttd bench\`. Everybody is counted by the brokers, by the clients and by the kernel, and kept alive; a sample
on every broker gets a message; then everything is closed. Nothing has to be set by hand.

  --connections N    how many (1000000)
  --standalone       brokers without NATS, which know nothing of each other
  --plan             print the arithmetic and end
  --force            begin although memory will not do; the ramp ends before it runs out, and the report says how far it went
  --keep-alive S     keep alive of the clients, who are held until each has been answered once (60, above 200,000 connections 120)
  --sample N         clients of each broker that get a message (20)
  --rate N           connections a second (as fast as it goes)
  --runtime R        bun or node, for brokers and clients (bun)
  --out FOLDER       where <name>.md, .svg and .json go (broker/bench/results, if that exists)
  --name NAME        their name (million-latest)
  --help
`;

const SLOW_ABOVE = 200_000;

/** Throws a TypeError that says what is wrong with the command line. */
export function parseOptions(args: readonly string[]): MillionOptions {
  const text = { type: "string" } as const;
  const toggle = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ help: toggle, standalone: toggle, plan: toggle, force: toggle },
      ...{ connections: text, "keep-alive": text, sample: text, rate: text, runtime: text, out: text, name: text },
    },
  });
  const connections = whole("--connections", values.connections ?? "1000000", 100, 100_000_000);
  const { runtime = "bun" } = values;
  if (runtime !== "bun" && runtime !== "node") throw new TypeError(`'--runtime' takes bun or node, got ${JSON.stringify(runtime)}`);
  return {
    help: values.help,
    connections,
    isStandalone: values.standalone,
    isPlanOnly: values.plan,
    isForced: values.force,
    keepAliveSeconds: whole("--keep-alive", values["keep-alive"] ?? (connections > SLOW_ABOVE ? "120" : "60"), 2, 65_535),
    samplePerBroker: whole("--sample", values.sample ?? "20", 1, 1_000),
    runtime,
    connectRate: whole("--rate", values.rate ?? "0", 0, 1_000_000),
    out: values.out,
    name: values.name ?? "million-latest",
  };
}

function whole(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new TypeError(
    `'${flag}' takes a whole number from ${min.toLocaleString("en")} to ${max.toLocaleString("en")}, got ${JSON.stringify(text)}`,
  );
}
