import { type Command, InvalidArgumentError, Option } from "commander";
import { CTL_COMMANDS, type CtlCommand } from "../ctl/commands.js";
import type { CtlRequest } from "../ctl/ctl.js";

/** What `mqttd ctl` was asked for, and of which broker. */
export interface CtlAsked extends CtlRequest {
  /** URL of the admin port; undefined: that of the broker on this machine. */
  readonly admin: string | undefined;
  readonly tokenFile: string | undefined;
  readonly node: string | undefined;
  /** Flags that say where the broker here has its settings. */
  readonly flags: ReadonlyMap<string, string>;
}

const WATCH_SECONDS = 2;

/** Adds `mqttd ctl` to the commands, and returns it for more help. */
export function addCtlCommand(mqttd: Command, action: (asked: CtlAsked) => Promise<void>): Command {
  const ctl = mqttd
    .command("ctl")
    .description("look at a running broker and change it, by its admin port; spelt and printed as emqx ctl does")
    // Its flags may stand anywhere behind it.
    .enablePositionalOptions(false);
  for (const option of sharedOptions()) ctl.addOption(option);
  const groups = new Map<string, Command>();
  for (const entry of CTL_COMMANDS) {
    const [first = "", second] = entry.words.split(" ");
    const group = groups.get(first) ?? ctl.command(first, { hidden: second !== undefined && entry.isAlias === true });
    groups.set(first, group);
    if (second === undefined) describe(group, entry, action);
    else {
      if (group.description() === "") group.description(`mqttd ctl ${first} --help lists what there is`);
      describe(group.command(second, { hidden: entry.isAlias === true }), entry, action);
    }
  }
  return ctl;
}

function describe(command: Command, entry: CtlCommand, action: (asked: CtlAsked) => Promise<void>): void {
  command.description(entry.does);
  const takes = entry.takes?.split(" ") ?? [];
  for (const argument of takes) command.argument(...argumentOf(argument));
  for (const [flag, purpose] of entry.flags ?? []) command.option(flag, purpose);
  command.action(() => {
    const { json, watch, admin, tokenFile, node, config } = command.optsWithGlobals();
    return action({
      command: entry,
      typed: { args: command.processedArgs.filter((value) => value !== undefined), flags: command.opts() },
      json: json === true,
      watchSeconds: watch === true ? WATCH_SECONDS : watch,
      ...{ admin, tokenFile, node },
      flags: new Map(config === undefined ? [] : [["--config", config]]),
    });
  });
}

/** `<stats|metrics>` is one of these words, `[level]` anything or nothing. */
function argumentOf(text: string): [name: string, description: string, parse: (value: string) => string] {
  const words = text.slice(1, -1).split("|");
  const shown = text.startsWith("<") ? `<${words.length > 1 ? "as" : words[0]}>` : `[${words.length > 1 ? "what" : words[0]}]`;
  const parse = (value: string) => {
    if (words.length > 1 && !words.includes(value)) throw new InvalidArgumentError(`It takes one of ${words.join(", ")}.`);
    if (words[0] === "qos" && !/^[012]$/.test(value)) throw new InvalidArgumentError("It takes 0, 1 or 2.");
    return value;
  };
  return [shown, words.length > 1 ? `one of ${words.join(", ")}` : "", parse];
}

function sharedOptions(): Option[] {
  return [
    new Option("--admin <url>", "admin port of the broker; that of the broker on this machine or in this container, unless given"),
    new Option(
      "--token-file <file>",
      "file with the token; MQTTD_ADMIN_TOKEN of the environment, or one of the local broker's admin.tokensFile, unless given",
    ),
    new Option("--config <file>", "configuration file of the local broker; also MQTTD_CONFIG in the environment"),
    new Option("--node <name>", "the broker of a cluster that is meant; all of them, or whichever has what is asked for, unless given"),
    new Option("--json", "print what the API answers, for machines"),
    new Option("--watch [seconds]", `do it again every so many seconds (default: ${WATCH_SECONDS}), until interrupted`).argParser(seconds),
  ];
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 86_400)) throw new InvalidArgumentError("It takes a number of seconds.");
  return value;
}
