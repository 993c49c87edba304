import { isAbsolute } from "node:path";
import { describe, expect, it } from "vitest";
import { AksStack } from "../../stacks/aks";
import { EksStack } from "../../stacks/eks";
import { GkeStack } from "../../stacks/gke";
import { build } from "./support";

const STACKS = [
  ["eks", EksStack],
  ["aks", AksStack],
  ["gke", GkeStack],
] as const;

describe("state", () => {
  it.each(STACKS)("of %s is a file in the project's folder unless the settings say otherwise", (id, Stack) => {
    const { backend } = build(Stack, id).terraform as { backend: Record<string, { path: string }> };
    expect(Object.keys(backend)).toEqual(["local"]);
    expect(backend.local?.path).toMatch(new RegExp(`/terraform\\.${id}\\.tfstate$`));
    expect(isAbsolute(backend.local?.path ?? "")).toBe(true);
  });

  it.each(STACKS)("of %s has a place of its own in S3, encrypted and locked by S3 itself", (id, Stack) => {
    const { terraform } = build(Stack, id, { backend: { type: "s3", bucket: "state", region: "eu-central-1" } });
    expect(terraform?.backend).toEqual({
      s3: { bucket: "state", key: `cdktf-broker-pools/${id}.tfstate`, region: "eu-central-1", encrypt: true, use_lockfile: true },
    });
  });

  it.each(STACKS)("of %s has a place of its own in a storage account", (id, Stack) => {
    const backend = { type: "azurerm", resourceGroup: "ops", storageAccount: "opsstate", container: "tfstate", prefix: "live" };
    expect(build(Stack, id, { backend }).terraform?.backend).toEqual({
      azurerm: { resource_group_name: "ops", storage_account_name: "opsstate", container_name: "tfstate", key: `live/${id}.tfstate` },
    });
  });

  it.each(STACKS)("of %s has a place of its own in Cloud Storage", (id, Stack) => {
    expect(build(Stack, id, { backend: { type: "gcs", bucket: "state" } }).terraform?.backend).toEqual({
      gcs: { bucket: "state", prefix: `cdktf-broker-pools/${id}` },
    });
  });
});
