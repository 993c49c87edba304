import { STOCK_CONTAINER_SOFT_LIMIT } from "../open-files";
import type { Platform } from "./platform";

/**
 * Nodes of a cluster that exists: kind, k3s, on-premises, any cloud's stock nodes. Nothing here sets anything on them, so a plan has only what
 * a pod may set, and nothing can be required. What the nodes have is for the pod's doctor to see.
 */
export const GENERIC: Platform = {
  id: "generic",
  title: "nodes of an existing cluster",
  // The oldest long-term kernel that distributions with a supported kubelet run (Debian 11). A newer one only owns more keys.
  kernel: () => "5.10",
  node: { by: "nobody" },
  allowList: "stated",
  openFiles: {
    by: "image",
    limit: STOCK_CONTAINER_SOFT_LIMIT,
    source: "the smallest that stock nodes are known to give; state openFiles where theirs is known",
  },
  protectsKernelDefaults: false,
  imageDefaults: {},
  overwritten: {},
};
