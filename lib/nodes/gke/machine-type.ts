import type { Architecture } from "../broker-node-pool";

/** Series, kind and size: `c4a-standard-8`, `n2-custom-8-32768`, `e2-medium` (cloud.google.com/compute/docs/machine-resource). */
const MACHINE_TYPE = /^([a-z]\d+[a-z]?)-[a-z0-9-]+$/;

/** Series on Arm: Tau T2A and Axion. */
const ARM_SERIES = new Set(["t2a", "c4a", "n4a", "a4x"]);

/** Architecture of a Compute Engine machine type. Undefined when the text is none. */
export function machineArchitecture(machineType: string): Architecture | undefined {
  const match = MACHINE_TYPE.exec(machineType);
  if (!match) return undefined;
  return ARM_SERIES.has(match[1] ?? "") ? "arm64" : "amd64";
}
