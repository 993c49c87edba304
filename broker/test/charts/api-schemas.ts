import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";

/** Where the schemas of Kubernetes' API are, which `make-api-schemas.ts` makes. */
export const API_SCHEMAS = process.env.API_SCHEMAS ?? join(homedir(), ".cache/cdktf-broker-pools/api-schemas");

/** The oldest version that we look at, the first in which tcp_rmem is a safe sysctl, and the newest there is. */
export const KUBERNETES_VERSIONS = ["1.29.6", "1.32.13", "1.37.2"] as const;

/** Modules with the custom resources that the charts make. */
export const CUSTOM_RESOURCES = [
  {
    module: "github.com/prometheus-operator/prometheus-operator@v0.85.0",
    files: [
      "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
      "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
    ],
  },
  { module: "github.com/cert-manager/cert-manager@v1.21.2", files: ["deploy/crds/cert-manager.io_certificates.yaml"] },
] as const;

/** The schemas as kubeconform finds them. Without them the test is skipped and says why, or fails under REQUIRE_TOOLS=1. */
export function requireApiSchemas(context: TestContext): string {
  if (existsSync(join(API_SCHEMAS, `v${KUBERNETES_VERSIONS.at(-1)}`))) {
    return join(API_SCHEMAS, "{{ .NormalizedKubernetesVersion }}/{{ .ResourceKind }}{{ .KindSuffix }}.json");
  }
  const reason = `no schemas of Kubernetes' API in ${API_SCHEMAS}; run npx tsx broker/test/charts/make-api-schemas.ts (needs go)`;
  if (process.env.REQUIRE_TOOLS === "1") throw new Error(`REQUIRE_TOOLS=1, but ${reason}`);
  console.log(`skipped: ${context.task.name}: ${reason}`);
  return context.skip(reason);
}
