// How many pods and nodes a workload needs. Pure: neither cdktf nor a provider.
export type { Comparison } from "./sizing/comparisons";
export type { LoadBalancerLimit } from "./sizing/load-balancers";
export { type Cloud, MACHINE_TYPES, type MachineType } from "./sizing/machine-types";
export { CLUSTER_COSTS, COSTS, type Costs, MEASURED_ON } from "./sizing/measurements";
export { type CloudSizing, type Sizing, type SizingOptions, sizing } from "./sizing/sizing";
export { sizingText } from "./sizing/sizing-text";
export { type FullWorkload, MAX_PAYLOAD_BYTES, type Workload } from "./sizing/workload";
