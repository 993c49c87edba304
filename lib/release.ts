// What runs on a pool, as Helm releases: needs the Helm provider's package, and no cloud's.
export { ExistingNodePool, type ExistingNodePoolProps } from "./nodes/existing-node-pool";
export type { Runtime } from "./release/broker-memory";
export * from "./release/broker-release";
export type { SysctlOverrides } from "./release/check-pool";
export * from "./release/companion-props";
export { CompanionRelease } from "./release/companion-release";
export type { EmqxReleaseProps } from "./release/emqx-props";
export { EmqxRelease } from "./release/emqx-release";
export { GeneratedSecret, type GeneratedSecretProps } from "./release/generated-secret";
export { BrokerNamespace, type BrokerNamespaceProps, type PodSecurityLevel } from "./release/namespace";
export { NatsRelease, type NatsReleaseProps } from "./release/nats-release";
export { type PlanDocument, type PlanKey, planDocument } from "./release/plan-document";
export { type PodPlacement, podPlacement } from "./release/pod-placement";
export type { Bytes } from "./release/quantity";
export type { SecretKey } from "./release/secret-key";
export type { ServiceOptions } from "./release/service-options";
