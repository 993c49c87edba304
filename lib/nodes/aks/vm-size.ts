import type { Architecture } from "../broker-node-pool";

/** Family, vCPUs, features, version: `Standard_D8ps_v6` (learn.microsoft.com/azure/virtual-machines/vm-naming-conventions). */
const VM_SIZE = /^(?:Standard|Basic)_([A-Z]+)(\d+)(?:-\d+)?([a-z]*)(?:_[A-Za-z0-9]+)*$/;

/** Architecture of an Azure VM size: `p` among the features means ARM. Undefined when the text is no VM size. */
export function vmArchitecture(vmSize: string): Architecture | undefined {
  const match = VM_SIZE.exec(vmSize);
  if (!match) return undefined;
  return match[3]?.includes("p") ? "arm64" : "amd64";
}
