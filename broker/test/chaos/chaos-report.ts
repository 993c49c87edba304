import type { RoundResult } from "./round.js";

export interface TimedEvent {
  /** Since the run began. */
  readonly atMs: number;
  readonly round: number;
  readonly text: string;
}

/** Everything that a run says; `chaos.json`. */
export interface ChaosReport {
  readonly command: string;
  readonly date: string;
  readonly machine: string;
  readonly runtime: string;
  readonly seed: number;
  readonly sessions: string;
  readonly minutes: number;
  readonly rounds: readonly (RoundResult & { readonly round: number; readonly seed: number })[];
  readonly events: readonly TimedEvent[];
  /** Lines of the brokers' logs at level "error", and how often they came. */
  readonly errors: Readonly<Record<string, number>>;
}

export function problemsOf({ rounds }: ChaosReport): string[] {
  return rounds.flatMap(({ round, problems }) => problems.map((problem) => `round ${round}: ${problem}`));
}

/** For people. */
export function textOf(report: ChaosReport): string {
  const { rounds, seed, minutes, errors, runtime, sessions } = report;
  const problems = problemsOf(report);
  const total = (name: keyof RoundResult["figures"]) => rounds.reduce((sum, { figures }) => sum + figures[name], 0);
  const faults = new Map<string, number>();
  for (const round of rounds) for (const [kind, count] of Object.entries(round.faults)) faults.set(kind, (faults.get(kind) ?? 0) + count);
  const longest = Math.max(0, ...rounds.map(({ figures }) => figures.longestLateMs));
  return [
    `${report.command}, ${report.date}, ${report.machine}`,
    `${runtime}, ${sessions} sessions, seed ${seed}: ${rounds.length} rounds in ${minutes.toFixed(1)} minutes`,
    `faults: ${[...faults].map(([kind, count]) => `${count} × ${kind}`).join(", ") || "none"}`,
    `messages at QoS 1 and 2: ${total("published")} published, ${total("acknowledged")} acknowledged, ${total("refused")} refused; ${total("received")} received at all QoS`,
    `clean connections: ${total("connections")}; clients that moved without leaving: ${total("moves")}, ${total("lateSigns")} signs of the older connection after the newer, ${longest} ms at most`,
    ...Object.entries(errors).map(([text, count]) => `the brokers logged ${count} × ${text}`),
    ...problems.map((problem) => `PROBLEM ${problem}`),
    problems.length === 0
      ? "nothing acknowledged was lost, nothing came twice at QoS 2, no client had two owners"
      : `${problems.length} problems`,
    "",
  ].join("\n");
}
