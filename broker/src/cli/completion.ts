import type { Command } from "commander";

export const SHELLS = ["bash", "zsh"] as const;

export type Shell = (typeof SHELLS)[number];

/** What may follow some words of a command line. */
interface Step {
  /** Words after `mqttd`, flags left out. */
  readonly path: string;
  readonly next: readonly string[];
}

/** A script that completes the command line in a shell, made of the commands there are. */
export function completionScript(mqttd: Command, shell: Shell): string {
  const steps = stepsOf(mqttd, [], []);
  return shell === "bash" ? bash(steps) : zsh(steps);
}

function stepsOf(command: Command, path: readonly string[], inherited: readonly string[]): Step[] {
  const own = command.options.filter(({ hidden }) => !hidden).flatMap(({ long }) => long ?? []);
  const below = command.commands.filter((sub) => !isHidden(sub));
  const flags = [...own, ...inherited, "--help"];
  const step = { path: path.join(" "), next: [...below.map((sub) => sub.name()), ...flags] };
  // Flags of ctl may stand behind its commands.
  const passedOn = command.name() === "ctl" || inherited.length > 0 ? flags.filter((flag) => flag !== "--help") : [];
  return [step, ...below.flatMap((sub) => stepsOf(sub, [...path, sub.name()], passedOn))];
}

function isHidden(command: Command): boolean {
  return (command as unknown as { readonly _hidden?: boolean })._hidden === true;
}

const caseLines = (steps: readonly Step[], name: string) =>
  steps.map(({ path, next }) => `      "${path}") ${name}="${[...new Set(next)].join(" ")}" ;;`).join("\n");

function bash(steps: readonly Step[]): string {
  return `# bash completion of mqttd: source <(mqttd completion bash)
_mqttd() {
  local word path="" next=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  while :; do
    case "$path" in
${caseLines(steps, "next")}
    esac
    if [ -n "$next" ] || [ -z "$path" ]; then break; fi
    case "$path" in *" "*) path="\${path% *}" ;; *) path="" ;; esac
  done
  COMPREPLY=($(compgen -W "$next" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _mqttd mqttd
`;
}

function zsh(steps: readonly Step[]): string {
  return `#compdef mqttd
# zsh completion of mqttd: source <(mqttd completion zsh)
_mqttd() {
  local word line="" next=""
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in -*) ;; *) line="\${line:+$line }$word" ;; esac
  done
  while :; do
    case "$line" in
${caseLines(steps, "next")}
    esac
    if [ -n "$next" ] || [ -z "$line" ]; then break; fi
    case "$line" in *" "*) line="\${line% *}" ;; *) line="" ;; esac
  done
  compadd -- \${(s: :)next}
}
(( $+functions[compdef] )) && compdef _mqttd mqttd
`;
}
