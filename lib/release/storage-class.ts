import type { IBrokerNodePool } from "../nodes/broker-node-pool";

/**
 * Class of disks where nothing is said. EKS has a class and, since Kubernetes 1.30, no default one (EKS user guide, "Kubernetes versions"); the
 * other clouds have a default.
 */
export function usualStorageClass({ tuning }: IBrokerNodePool): string | undefined {
  return tuning.platform.startsWith("eks-") ? "gp2" : undefined;
}
