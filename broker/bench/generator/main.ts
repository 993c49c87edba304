/*
 * The load generator: does the one job that its first argument describes as JSON, and prints the outcome as one line of JSON. The bench
 * starts it, on a core of its own.
 */

import { nativeNetwork } from "../../src/bench/wire.js";
import type { Dialler } from "./client.js";
import { runAccept, runIdle } from "./connections.js";
import { runFanOut } from "./fan-out.js";
import type { Job, Measured, Outcome } from "./job.js";
import { runPaced } from "./paced.js";
import { runPairs } from "./pairs.js";
import { runStored } from "./stored.js";

const job = JSON.parse(process.argv[2]!) as Job;
const dialler: Dialler = {
  network: await nativeNetwork(),
  target: job.target,
  version: job.version,
  credentials: job.credentials,
  onDeath: (reason) => finish({ failure: `died: ${reason}` }),
};
process.on("uncaughtException", (error) => finish({ failure: error.message }));

finish(await run().catch((error: Error) => ({ failure: error.message })));

function run(): Promise<Measured> {
  const { load } = job;
  switch (load.kind) {
    case "pairs":
      return runPairs(job, load, dialler);
    case "stored":
      return runStored(job, load, dialler);
    case "fan-out":
      return runFanOut(job, load, dialler);
    case "paced":
      return runPaced(job, load, dialler);
    case "accept":
      return runAccept(job, load, dialler);
    case "idle":
      return runIdle(job, load, dialler);
  }
}

/** Does not wait for connections: with thousands of them that would take long, and the broker is killed anyway. */
function finish(outcome: Outcome): never {
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
  process.exit(0);
}
