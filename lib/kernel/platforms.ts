import { TuningError } from "../errors";
import { AKS_AZURELINUX, AKS_UBUNTU } from "./platforms/aks";
import { EKS_AL2, EKS_AL2023, EKS_BOTTLEROCKET } from "./platforms/eks";
import { GENERIC } from "./platforms/generic";
import { GKE_COS } from "./platforms/gke";
import type { Platform, PlatformId } from "./platforms/platform";

/** Every platform a plan can be made for. */
export const PLATFORMS: Readonly<Record<PlatformId, Platform>> = {
  "eks-al2023": EKS_AL2023,
  "eks-bottlerocket": EKS_BOTTLEROCKET,
  "eks-al2": EKS_AL2,
  "aks-ubuntu": AKS_UBUNTU,
  "aks-azurelinux": AKS_AZURELINUX,
  "gke-cos": GKE_COS,
  generic: GENERIC,
};

/** The platform called `id`. @throws TuningError for a name that is none, listing those there are */
export function platformOf(id: string): Platform {
  const platform = Object.hasOwn(PLATFORMS, id) ? PLATFORMS[id as PlatformId] : undefined;
  if (platform) return platform;
  throw new TuningError("platform", [`'${id}' is not one; choose from ${Object.keys(PLATFORMS).join(", ")}`]);
}
