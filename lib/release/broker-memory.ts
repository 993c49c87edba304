import { podDemand } from "../sizing/pod-demand";
import { resolveWorkload } from "../sizing/workload";

/** What runs the companion broker. */
export type Runtime = "bun" | "node";

/** Room on top of what the sizing calculator's usual workload takes: messages for slow clients, retained ones, garbage. */
const HEADROOM = 1.5;

/** A runtime with its just-in-time compiler and a doctor beside it does not start in less. */
const LEAST_MIB = 256;

/** Steps in which memory is asked for. */
const STEP_MIB = 64;

interface BrokerPods {
  readonly connectionsPerPod: number;
  readonly replicas: number;
  readonly runtime: Runtime;
  /** The broker itself speaks TLS. */
  readonly tls: boolean;
}

/** Memory for a pod of the companion broker, in MiB, by the measured costs of `lib/sizing`. */
export function brokerMemoryMiB({ connectionsPerPod, replicas, runtime, tls }: BrokerPods): number {
  const workload = resolveWorkload({ connections: connectionsPerPod * replicas, runtime, tls: tls ? "broker" : "none" });
  const { memoryBytes } = podDemand(workload, { pods: replicas, connectsPerSecond: 0 });
  return Math.max(LEAST_MIB, Math.ceil((memoryBytes * HEADROOM) / 1_048_576 / STEP_MIB) * STEP_MIB);
}
