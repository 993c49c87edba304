import { execFileSync } from "node:child_process";
import { describe, expect, it, type TestContext } from "vitest";
import { completionScript, type Shell } from "../../src/cli/completion.js";
import { program } from "../../src/cli/program.js";
import { requireTool } from "../support/tools.js";

const ignore = () => {};
const later = async () => {};
const MQTTD = program(
  { start: ignore, check: ignore, print: ignore, passwd: later, store: later, doctor: later, bench: later, ctl: later },
  { out: ignore, err: ignore },
);

const CALLS: Readonly<Record<Shell, (words: readonly string[]) => string>> = {
  bash: (words) =>
    `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _mqttd; printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: (words) =>
    `compadd() { shift; print -l -- "$@" }; words=(${words.map((word) => `'${word}'`).join(" ")}); CURRENT=${words.length}; _mqttd`,
};

function completions(context: TestContext, shell: Shell, ...words: readonly string[]): string[] {
  const file = requireTool(context, shell, `install the package '${shell}'`);
  const script = `${completionScript(MQTTD, shell)}\n${CALLS[shell](words)}`;
  const typed = words.at(-1)!;
  const lines = execFileSync(file, ["-c", script], { encoding: "utf8" }).split("\n");
  return lines.filter((line) => line !== "" && line.startsWith(typed)); // as zsh does after compadd
}

describe.each(["bash", "zsh"] as const)("completion of %s", (shell) => {
  it("knows the commands", (context) => {
    expect(completions(context, shell, "mqttd", "st")).toEqual(["start", "store"]);
    expect(completions(context, shell, "mqttd", "ctl", "clients", "k")).toEqual(["kick"]);
    expect(completions(context, shell, "mqttd", "ctl", "ret")).toEqual(["retained"]);
    expect(completions(context, shell, "mqttd", "completion", "--h")).toEqual(["--help"]);
  });

  it("knows flags, those of ctl behind its commands too, and stays with a command behind its arguments", (context) => {
    expect(completions(context, shell, "mqttd", "start", "--admin-p")).toEqual(["--admin-port"]);
    expect(completions(context, shell, "mqttd", "ctl", "clients", "list", "--js")).toEqual(["--json"]);
    expect(completions(context, shell, "mqttd", "ctl", "clients", "kick", "someone", "--keep")).toEqual(["--keep-session"]);
  });
});
