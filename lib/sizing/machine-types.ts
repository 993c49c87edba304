/** Clouds that machines are known of. */
export type Cloud = "eks" | "aks" | "gke";

/** A machine type that a node pool can be made of. */
export interface MachineType {
  readonly cloud: Cloud;
  /** By the name in the label `kubernetes.io/arch`. */
  readonly architecture: "amd64" | "arm64";
  readonly name: string;
  readonly cores: number;
  readonly memoryGiB: number;
}

interface Family extends Pick<MachineType, "cloud" | "architecture"> {
  readonly gibPerCore: number;
  readonly named: (cores: number) => string;
}

const CORES = [2, 4, 8, 16, 32] as const;

const ec2 = (family: string) => (cores: number) => `${family}.${cores < 4 ? "large" : cores === 4 ? "xlarge" : `${cores / 4}xlarge`}`;

/** General-purpose and memory-optimised families: Amazon EC2 instance types, Azure VM sizes, Compute Engine machine families. */
const FAMILIES: readonly Family[] = [
  { cloud: "eks", architecture: "amd64", gibPerCore: 4, named: ec2("m7i") },
  { cloud: "eks", architecture: "amd64", gibPerCore: 8, named: ec2("r7i") },
  { cloud: "eks", architecture: "arm64", gibPerCore: 4, named: ec2("m7g") },
  { cloud: "eks", architecture: "arm64", gibPerCore: 8, named: ec2("r7g") },
  { cloud: "aks", architecture: "amd64", gibPerCore: 4, named: (cores) => `Standard_D${cores}s_v5` },
  { cloud: "aks", architecture: "amd64", gibPerCore: 8, named: (cores) => `Standard_E${cores}s_v5` },
  { cloud: "aks", architecture: "arm64", gibPerCore: 4, named: (cores) => `Standard_D${cores}ps_v6` },
  { cloud: "aks", architecture: "arm64", gibPerCore: 8, named: (cores) => `Standard_E${cores}ps_v6` },
  { cloud: "gke", architecture: "amd64", gibPerCore: 4, named: (cores) => `n2-standard-${cores}` },
  { cloud: "gke", architecture: "amd64", gibPerCore: 8, named: (cores) => `n2-highmem-${cores}` },
];

/** Compute Engine's arm machines: 1, 4, 8, 16, 32 … cores. */
const AXION_CORES = [4, 8, 16, 32] as const;
const AXION: readonly Family[] = [
  { cloud: "gke", architecture: "arm64", gibPerCore: 4, named: (cores) => `c4a-standard-${cores}` },
  { cloud: "gke", architecture: "arm64", gibPerCore: 8, named: (cores) => `c4a-highmem-${cores}` },
];

/** Machine types that sizing chooses from, the small ones of a family first. */
export const MACHINE_TYPES: readonly MachineType[] = [...FAMILIES.flatMap(sizesOf(CORES)), ...AXION.flatMap(sizesOf(AXION_CORES))];

function sizesOf(sizes: readonly number[]): (family: Family) => MachineType[] {
  return ({ cloud, architecture, gibPerCore, named }) =>
    sizes.map((cores) => ({ cloud, architecture, name: named(cores), cores, memoryGiB: cores * gibPerCore }));
}
