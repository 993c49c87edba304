#!/usr/bin/env node
import { Command } from "commander";
import { TuningError, WorkloadError } from "../errors";
import { reportCommand } from "./report-command";
import { sizeCommand } from "./size-command";

const print = (text: string) => console.log(text);
const { stdout } = process;
const terminal = { width: stdout.columns || 120, colour: stdout.isTTY === true && !process.env.NO_COLOR };

const program = new Command("broker-pools")
  .description("Sizes broker pools, and says what their tuning becomes.")
  .addCommand(sizeCommand(print))
  .addCommand(reportCommand(print, terminal));

try {
  program.parse();
} catch (error) {
  // What the user can mend is said without a stack trace; everything else is a fault of ours and keeps it.
  const isMendable = error instanceof WorkloadError || error instanceof TuningError;
  console.error(isMendable ? `broker-pools: ${error.message}` : error);
  process.exitCode = 2;
}
