import { setTimeout as sleep } from "node:timers/promises";
import { type AdminAddress, ApiClient, Refused, Unreachable } from "./api-client.js";
import type { CtlCommand, ListCommand, Typed } from "./commands.js";

/** What `mqttd ctl` was asked for. */
export interface CtlRequest {
  readonly command: CtlCommand;
  readonly typed: Typed;
  readonly json: boolean;
  /** Repeat it every so many seconds; undefined for once. */
  readonly watchSeconds: number | undefined;
}

export interface CtlPorts {
  out(text: string): void;
  err(text: string): void;
  readonly isScreen: boolean;
}

/** What a command ends with. */
export const CTL_EXIT = { ok: 0, failure: 1, usage: 2, unreachable: 3 } as const;

const CLEAR_SCREEN = "\x1b[2J\x1b[H";

/** Does it, and resolves with the exit code; while it is watched, it goes on until the process is interrupted. */
export async function ctl(request: CtlRequest, address: AdminAddress, ports: CtlPorts): Promise<number> {
  const api = new ApiClient(address);
  const { watchSeconds } = request;
  for (;;) {
    try {
      if (watchSeconds !== undefined && ports.isScreen) ports.out(CLEAR_SCREEN);
      await once(request, api, ports);
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
      ports.err(`mqttd: ${error.message}\n`);
      // While it is watched, a broker may go and come.
      if (watchSeconds === undefined || error instanceof Refused) return error instanceof Refused ? CTL_EXIT.failure : CTL_EXIT.unreachable;
    }
    if (watchSeconds === undefined) return CTL_EXIT.ok;
    if (!ports.isScreen) ports.out("\n");
    await sleep(watchSeconds * 1_000);
  }
}

async function once({ command, typed, json }: CtlRequest, api: ApiClient, ports: CtlPorts): Promise<void> {
  if ("rows" in command) {
    await (json ? printJsonRows : printRows)(command, typed, api, ports);
    return;
  }
  const answer = await command.ask(api, typed);
  if (json) ports.out(`${JSON.stringify(answer ?? {}, null, 2)}\n`);
  else ports.out(command.text(answer, typed));
}

async function printRows(command: ListCommand, typed: Typed, api: ApiClient, { out, err }: CtlPorts): Promise<void> {
  let isEmpty = true;
  for await (const { data, missing } of command.rows(api, typed)) {
    if (data.length > 0) {
      isEmpty = false;
      out(data.map((row) => command.line(row)).join(""));
    }
    if (missing.length > 0) err(`mqttd: not whole: ${missing.join(", ")} did not answer\n`);
  }
  if (isEmpty) out(command.none);
}

async function printJsonRows(command: ListCommand, typed: Typed, api: ApiClient, { out, err }: CtlPorts): Promise<void> {
  let before = "[\n";
  for await (const { data, missing } of command.rows(api, typed)) {
    for (const row of data) {
      out(`${before}  ${JSON.stringify(row)}`);
      before = ",\n";
    }
    if (missing.length > 0) err(`mqttd: not whole: ${missing.join(", ")} did not answer\n`);
  }
  out(before === "[\n" ? "[]\n" : "\n]\n");
}
