import { type Command, Option } from "commander";
import type { BenchRequest } from "../bench/bench.js";
import { type BenchFlag, flagsOf } from "../bench/flags.js";
import { BENCH_COMMANDS, type BenchCommand } from "../bench/options.js";

const PURPOSES: Readonly<Record<BenchCommand, string>> = {
  conn: "connect clients and keep them connected",
  pub: "connect clients that publish",
  sub: "connect clients that subscribe, and count what they receive",
};

/** Adds `mqttd bench conn|pub|sub`, and returns the three for more help. */
export function addBenchCommand(mqttd: Command, action: (request: BenchRequest) => Promise<void>): readonly Command[] {
  const bench = mqttd
    .command("bench")
    .description("load a broker with clients; flags and output are those of emqtt-bench")
    .enablePositionalOptions();
  return BENCH_COMMANDS.map((name) => {
    // -h is the host, as scripts have it.
    const command = bench.command(name).description(PURPOSES[name]).helpOption("--help", "print this help");
    const flags = flagsOf(name);
    for (const flag of flags) command.addOption(optionOf(flag));
    return command.action(() => action({ command: name, flags: given(flags, command.opts()) }));
  });
}

function optionOf({ short, long, takes, byDefault, purpose, otherwise, isOwn }: BenchFlag): Option {
  const value = {
    switch: "[bool]",
    number: "<number>",
    text: long === "quic" || long === "restapi" ? "[text]" : "<text>",
    texts: "<text>",
  }[takes];
  const standard = byDefault === undefined ? "" : ` (default: ${byDefault})`;
  const note = otherwise === undefined ? "" : `; ${otherwise.how === "refused" ? "refused" : "changes nothing"}: ${otherwise.why}`;
  const option = new Option(`${short === undefined ? "" : `-${short}, `}--${long} ${value}`, `${purpose}${standard}${note}`);
  if (takes === "texts") option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
  return option.helpGroup(isOwn ? "Not of emqtt-bench:" : "Options:");
}

/** Commander takes camel case of what has hyphens; a switch without a value is true. */
function given(flags: readonly BenchFlag[], options: Readonly<Record<string, unknown>>): ReadonlyMap<string, readonly string[]> {
  return new Map(
    flags.flatMap(({ long }) => {
      const value = options[long.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
      if (value === undefined) return [];
      return [[long, Array.isArray(value) ? value.map(String) : [String(value)]] as const];
    }),
  );
}
