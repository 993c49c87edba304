#!/usr/bin/env node
import { Command } from "commander";
import { ScenarioError, TuningError, WorkloadError } from "../errors";
import { reportCommand } from "./report-command";
import { scenarioCommand } from "./scenario-command";
import { sizeCommand } from "./size-command";

const print = (text: string) => console.log(text);
const { stdout } = process;
const terminal = { width: stdout.columns || 120, colour: stdout.isTTY === true && !process.env.NO_COLOR };

const program = new Command("broker-pools")
  .description("Sizes broker pools, says what their tuning becomes, and how they are put under load.")
  .addCommand(sizeCommand(print))
  .addCommand(reportCommand(print, terminal))
  .addCommand(scenarioCommand(print));

try {
  program.parse();
} catch (error) {
  // What the user can mend is said without a stack trace; everything else is a fault of ours and keeps it.
  const isMendable = [WorkloadError, TuningError, ScenarioError].some((kind) => error instanceof kind);
  console.error(isMendable ? `broker-pools: ${(error as Error).message}` : error);
  process.exitCode = 2;
}
