import { readFileSync, writeSync } from "node:fs";
import { Broker } from "./broker.js";
import { run } from "./cli/run.js";
import { serve } from "./cli/serve.js";
import { thisHost } from "./limits/this-host.js";

const terminal = {
  // Written before the process exits, whatever standard output is.
  out: (text: string) => write(1, text),
  err: (text: string) => write(2, text),
  isScreen: process.stdout.isTTY === true,
  env: process.env,
  readFile: (path: string) => readFileSync(path, "utf8"),
};

const code = await run(process.argv.slice(2), terminal, (config, log) =>
  serve(config, { makeBroker: (...parts) => new Broker(...parts), log, host: thisHost(), events: process }),
);
// What a connection that does not close, or a second signal, leaves behind must not keep the process.
process.exit(code);

/** A reader that has gone (`mqttd --help | head`) is no error. */
function write(fileDescriptor: number, text: string): void {
  try {
    writeSync(fileDescriptor, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  }
}
