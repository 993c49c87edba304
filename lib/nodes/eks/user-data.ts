import { al2Bootstrap } from "./al2-bootstrap";
import { bottlerocketSettings } from "./bottlerocket-settings";
import { type MimePart, mimeMultipart } from "./mime";
import { type NodeSettings, nodeConfig } from "./node-config";
import { tuningScript } from "./tuning-script";

/** Operating systems of EKS nodes. `al2` is legacy and ends at Kubernetes 1.32. */
export type EksOperatingSystem = "al2023" | "bottlerocket" | "al2";

/** Everything user data is made from. */
export interface UserDataSettings extends NodeSettings {
  readonly operatingSystem: EksOperatingSystem;
  /** Address of cluster DNS; only for self-managed nodes. */
  readonly dnsAddress?: string;
  /** Shell commands of the caller's own, run before the node joins. */
  readonly preJoinScript?: string;
}

/**
 * User data as a node gets it, before base64. Pure; cluster coordinates may be tokens, which stay in the text as placeholders.
 *
 * @throws RangeError when a part cannot stand in such a document
 */
export function userData(settings: UserDataSettings): string {
  const { operatingSystem, plan, cluster, dnsAddress = "", preJoinScript } = settings;
  switch (operatingSystem) {
    case "al2023":
      return mimeMultipart([
        shell(tuningScript(plan, "runtime-spec")),
        ...(preJoinScript ? [shell(withInterpreter(preJoinScript))] : []),
        { contentType: "application/node.eks.aws", body: nodeConfig(settings) },
      ]);
    case "bottlerocket":
      return bottlerocketSettings(settings, cluster && { dnsAddress });
    case "al2":
      return mimeMultipart([
        shell(tuningScript(plan, "containerd")),
        ...(preJoinScript ? [shell(withInterpreter(preJoinScript))] : []),
        shell(withInterpreter(al2Bootstrap(settings, dnsAddress))),
      ]);
    default:
      return operatingSystem satisfies never;
  }
}

function shell(body: string): MimePart {
  return { contentType: "text/x-shellscript", body };
}

/** cloud-init runs a shell part only if it names its interpreter. */
function withInterpreter(script: string): string {
  return script.startsWith("#!") ? script : `#!/bin/bash\n${script}`;
}
