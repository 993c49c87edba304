import * as z from "zod";
import { choice, dnsLabel, flag, list, map, section, sysctl, texts } from "./kinds.js";

const levels = ["privileged", "baseline", "restricted"] as const;

/** Every value of the chart `namespace`. */
export const NamespaceValues = z.strictObject({
  name: dnsLabel.or(z.literal("")).meta({ description: "Name of the namespace; required" }).default(""),
  labels: map("Further labels"),
  annotations: map("Further annotations"),
  keep: flag("Whether the namespace stays when the release goes, with everything in it", true),
  sysctls: list(
    "Sysctls that pods of the namespace set, as podSecurityContext.sysctls of their charts has them. Unsafe ones make the namespace privileged",
    sysctl,
    [],
    [{ name: "net.core.somaxconn", value: "32768" }],
  ),
  podSecurity: section("Pod Security Admission", {
    enforce: choice("What pods may do; restricted, or privileged where sysctls has an unsafe one, unless given", ["", ...levels], ""),
    warn: choice("What is warned of", levels, "restricted"),
    audit: choice("What is noted in the audit log", levels, "restricted"),
    version: choice("Version of the standards: the cluster's own, or that of the newest server", ["cluster", "latest"], "cluster"),
  }),
  podSecurityPolicy: section("PodSecurityPolicy, which Kubernetes has until 1.24; nothing is made where it has none", {
    create: flag("Whether to make one, and let the service accounts of the namespace use it", true),
    allowedUnsafeSysctls: texts("Unsafe sysctls that pods may set; those of sysctls, unless given"),
  }),
});
