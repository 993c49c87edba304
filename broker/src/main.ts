import { readFileSync, writeSync } from "node:fs";
import { text } from "node:stream/consumers";
import type { PageFiles } from "./admin/resources/page.js";
import { bench } from "./bench/bench.js";
import { readHost } from "./bench/host-check.js";
import { Broker } from "./broker.js";
import { readSecret } from "./cli/read-secret.js";
import { run } from "./cli/run.js";
import { serve } from "./cli/serve.js";
import { compileAsUsual } from "./limits/bun-memory.js";
import { textOf, thisHost } from "./limits/this-host.js";

/** The dashboard: the build puts it there. */
declare const MQTTD_DASHBOARD: PageFiles | undefined;

const dashboard = typeof MQTTD_DASHBOARD === "undefined" ? undefined : MQTTD_DASHBOARD;

const terminal = {
  // Written before the process exits, whatever standard output is.
  out: (text: string) => write(1, text),
  err: (text: string) => write(2, text),
  isScreen: process.stdout.isTTY === true,
  env: process.env,
  readFile: (path: string) => readFileSync(path, "utf8"),
  readSecret: (prompt: string) => readSecret(process.stdin, (shown) => write(2, shown), prompt),
  readInput: () => text(process.stdin),
};

const running = run(
  process.argv.slice(2),
  terminal,
  (config, log, source) =>
    serve(config, {
      makeBroker: (settings, options) => new Broker(settings, { ...options, dashboard }),
      log,
      host: thisHost(),
      events: process,
      onReady: compileAsUsual,
      ...source,
    }),
  (request) => {
    compileAsUsual();
    return bench(request, {
      ...terminal,
      program: [process.execPath, ...process.argv.slice(1)],
      host: readHost(textOf, thisHost().openFiles?.soft),
      orders: process.stdin,
      events: process,
    });
  },
);
// Not awaited, as Bun keeps code that runs once until its module has come to its end. What a connection that does not close, or a second signal, leaves
// behind must not keep the process.
void running.then((code) => process.exit(code));

/** A reader that has gone (`mqttd --help | head`) is no error. */
function write(fileDescriptor: number, text: string): void {
  try {
    writeSync(fileDescriptor, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  }
}
