import { Token } from "cdktf";
import type { IConstruct } from "constructs";
import { InvalidPropsError } from "../errors";
import { filesNeeded } from "../kernel/open-files";
import { type PodSysctl, podSysctlProblem } from "../kernel/pod-sysctls";
import { canonicalValue, checkSysctlName } from "../kernel/sysctl-value";
import type { PodSysctlValues } from "../kernel/sysctls";
import type { Architecture, IBrokerNodePool } from "../nodes/broker-node-pool";

/** What `net.core.somaxconn` is in a network namespace that nobody has changed (include/net/sock.h, since Linux 5.4). */
const SOMAXCONN_DEFAULT = 4096;
const SOMAXCONN = "net.core.somaxconn";

/** A pod's sysctls in place of its pool's; `null` leaves one out. */
export type SysctlOverrides = { readonly [Name in keyof PodSysctlValues]?: PodSysctlValues[Name] | null };

/**
 * The sysctls that the release's pods set: the pool's, with the overrides over them.
 *
 * @throws InvalidPropsError for one that the pool's nodes would refuse; InvalidSysctlError for a name or a value that no kernel takes
 */
export function podSysctls(release: IConstruct, pool: IBrokerNodePool, overrides: SysctlOverrides = {}): PodSysctl[] {
  const sysctls = new Map(pool.tuning.podSysctls.map(({ name, value }) => [name, value]));
  for (const [key, value] of Object.entries(overrides)) {
    const name = checkSysctlName(key);
    if (value === null) sysctls.delete(name);
    else if (value !== undefined) sysctls.set(name, canonicalValue(name, value));
  }
  const asked = [...sysctls].map(([name, value]) => ({ name, value }));
  checkSysctls(release, pool, "sysctls", asked);
  return asked;
}

/** @throws InvalidPropsError for a sysctl that the pool's nodes would refuse to a pod */
export function checkSysctls(release: IConstruct, { node, tuning }: IBrokerNodePool, prop: string, sysctls: readonly PodSysctl[]): void {
  for (const { name } of sysctls) {
    const problem = podSysctlProblem(name, tuning);
    if (problem) throw new InvalidPropsError(release, prop, `asks for what pool '${node.path}' does not allow: ${problem}`);
  }
}

/** @throws InvalidPropsError when a pod may not open as many files as its connections take */
export function checkConnections(release: IConstruct, { node, tuning }: IBrokerNodePool, connections: number): void {
  const { limit, setByPool } = tuning.openFiles;
  if (!Number.isSafeInteger(connections) || connections < 1) {
    throw new InvalidPropsError(release, "connectionsPerPod", `is ${connections}; it takes a whole number from 1 on`);
  }
  if (filesNeeded(connections) <= limit) return;
  const remedy = setByPool
    ? `raise the limit of its profile with withOpenFiles(${filesNeeded(connections)})`
    : "choose an EKS pool, which can set it";
  throw new InvalidPropsError(
    release,
    "connectionsPerPod",
    `is ${connections}, which takes ${filesNeeded(connections)} open files; containers on pool '${node.path}' get ${limit}. Put fewer on each pod and have more replicas, or ${remedy}`,
  );
}

/** The longest listen backlog that these pods can have: what `somaxconn` cuts every longer one to, in silence. */
export function longestBacklog({ tuning }: IBrokerNodePool, sysctls: readonly PodSysctl[]): number {
  const inPod = sysctls.find(({ name }) => name === SOMAXCONN)?.value;
  // Pods on the node's network have the node's value.
  const onNode = tuning.hostNetwork ? tuning.node.find(({ name }) => name === SOMAXCONN)?.value : undefined;
  return Number(inPod ?? onNode ?? SOMAXCONN_DEFAULT);
}

/** @throws InvalidPropsError for a backlog that `somaxconn` would cut */
export function checkBacklog(release: IConstruct, { node }: IBrokerNodePool, backlog: number, longest: number): void {
  if (Token.isUnresolved(backlog) || backlog <= longest) return;
  throw new InvalidPropsError(
    release,
    "backlog",
    `is ${backlog}, but net.core.somaxconn is ${longest} in the pods of pool '${node.path}' and would cut it in silence; lower it to ${longest}, or put net.core.somaxconn = ${backlog} into the pool's profile`,
  );
}

/** @throws InvalidPropsError for an image that is said not to run on the pool's machines */
export function checkArchitecture(
  release: IConstruct,
  { node, architecture }: IBrokerNodePool,
  built: readonly Architecture[] | undefined,
): void {
  if (!built || built.includes(architecture)) return;
  throw new InvalidPropsError(
    release,
    "image",
    `is built for ${built.join(" and ") || "no architecture"}, but the machines of pool '${node.path}' are ${architecture}; build it for ${architecture}, or choose another machineType`,
  );
}
