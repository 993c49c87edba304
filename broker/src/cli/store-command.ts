import type { Command } from "commander";
import { CONFIG_VARIABLE } from "../config/setting-places.js";

/** What `mqttd store` was asked for. */
export interface StoreRequest {
  readonly action: "check" | "export" | "import";
  /** The flags that say where the store is, as text. */
  readonly flags: ReadonlyMap<string, string>;
  /** The other end of an export or import; undefined for standard output and input. */
  readonly file: string | undefined;
}

/** Adds `mqttd store check|export|import` to the commands, and returns them for more help. */
export function addStoreCommand(mqttd: Command, action: (request: StoreRequest) => Promise<void>): readonly Command[] {
  const store = mqttd.command("store").description("check, export or import what the broker keeps on disk, while it does not run");
  const add = (name: StoreRequest["action"], description: string): Command => {
    const command = store
      .command(name)
      .description(description)
      .option("--data-dir <folder>", "folder of the store; where mqttd start would have it, unless given")
      .option("--config <file>", `configuration file that may name it; also ${CONFIG_VARIABLE} in the environment`);
    if (name !== "check") command.argument("[file]", name === "export" ? "standard output, unless given" : "standard input, unless given");
    return command.action((file: string | object | undefined) => {
      const { dataDir, config } = command.opts();
      const given = [["--data-dir", dataDir] as const, ["--config", config] as const].filter(([, value]) => value !== undefined);
      return action({ action: name, flags: new Map(given), file: typeof file === "string" ? file : undefined });
    });
  };
  return [
    add("check", "read everything, verify checksums and references, and say what is there or what is wrong"),
    add("export", "write everything as lines of JSON"),
    add("import", "make a store of such lines, in a folder that is empty; all of it or nothing"),
  ];
}
