import { statSync } from "node:fs";
import { probeServers } from "../cluster/nats/probe-servers.js";
import { textOf, thisHost } from "../limits/this-host.js";
import type { DoctorPorts } from "./run-doctor.js";

/** Time for the NATS servers to answer. */
const NATS_MS = 5_000;

/** Written when the machine or the container was made. */
const EARLIER_FILES = ["/etc/hostname", "/etc/resolv.conf", process.execPath, "/etc/mqttd/plan.json"];

/** The machine that runs this, from now on: clocks are compared with what they say when it is called. */
export function thisMachine(): DoctorPorts {
  const startedMs = Date.now();
  const startedSteadyMs = performance.now();
  return {
    host: thisHost(),
    readText: textOf,
    probeNats: (nats) => probeServers({ ...nats, stream: `mqttd_${nats.cluster}_routes`, withinMs: NATS_MS }),
    readClocks: () => ({
      nowMs: Date.now(),
      earlierMs: EARLIER_FILES.flatMap(writtenMs),
      elapsedMs: Date.now() - startedMs,
      steadyMs: performance.now() - startedSteadyMs,
    }),
  };
}

function writtenMs(path: string): number[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? [] : [stats.mtimeMs];
}
