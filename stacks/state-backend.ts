import { AzurermBackend, GcsBackend, S3Backend, type TerraformStack } from "cdktf";
import type { CheckedSettings } from "./settings";

/** Where a stack's state lives. `local`, the default, is a file beside cdktf.json, as cdktf makes it. */
export function useStateBackend(
  stack: TerraformStack,
  { type, bucket = "", region, resourceGroup, storageAccount = "", container = "", prefix }: CheckedSettings["backend"],
): void {
  const key = `${prefix}/${stack.node.id}.tfstate`;
  const backends: Readonly<Record<typeof type, () => void>> = {
    local: () => {},
    s3: () => {
      const backend = new S3Backend(stack, { bucket, key, region, encrypt: true });
      // S3's own lock (Terraform 1.10), which cdktf 0.21 has no field for.
      backend.addOverride("use_lockfile", true);
    },
    azurerm: () =>
      new AzurermBackend(stack, { resourceGroupName: resourceGroup, storageAccountName: storageAccount, containerName: container, key }),
    gcs: () => new GcsBackend(stack, { bucket, prefix: `${prefix}/${stack.node.id}` }),
  };
  backends[type]();
}
