import { DataAwsPartition } from "@cdktf/provider-aws/lib/data-aws-partition";
import { Construct } from "constructs";
import { checkVersion } from "../check-version";
import { resolveSystemPool } from "../system-pool";
import { checkEksCluster } from "./check-eks-cluster";
import { EksClusterAddon } from "./eks-cluster-addon";
import type { EksClusterProps } from "./eks-cluster-props";
import { createControlPlane } from "./eks-control-plane";
import { EksEbsCsi } from "./eks-ebs-csi";
import { EksNetwork } from "./eks-network";
import { EksSystemPool, SYSTEM_POOL_TOLERATION } from "./eks-system-pool";
import { type EksClusterLookup, existingEksCluster, lookUpEksCluster } from "./existing-eks-cluster";
import type { IEksCluster } from "./i-eks-cluster";

/**
 * An EKS cluster worth attaching broker pools to: its network over three zones unless given subnets, the control plane, a small tainted
 * system pool, and the add-ons that nodes and stateful pods need.
 *
 * The kube-proxy add-on lowers `nf_conntrack_max` on every node and its schema offers no way to keep it from that
 * (aws/containers-roadmap#2318). Broker nodes therefore restore the value themselves.
 */
export class EksCluster extends Construct implements IEksCluster {
  readonly clusterName: string;
  readonly kubernetesVersion: string;
  readonly endpoint: string;
  readonly certificateAuthority: string;
  readonly serviceCidr: string;
  readonly clusterSecurityGroupId: string;
  readonly subnetIds: readonly string[];
  readonly vpcId: string;
  /** The network made for the cluster; undefined when it was given `subnetIds`. */
  readonly network?: EksNetwork;
  /** Issuer of service-account tokens, for IAM roles bound by OpenID Connect. */
  readonly oidcIssuerUrl: string;

  /** A cluster that exists, told in full. Makes nothing and asks AWS nothing. */
  static fromAttributes(attributes: IEksCluster): IEksCluster {
    return existingEksCluster(attributes);
  }

  /** A cluster that exists, found by its name: one data source, and nothing made. */
  static fromName(scope: Construct, id: string, props: EksClusterLookup): IEksCluster {
    return lookUpEksCluster(scope, id, props);
  }

  constructor(scope: Construct, id: string, props: EksClusterProps) {
    super(scope, id);
    const { name, cidr, zones, natGateways, serviceCidr = "172.20.0.0/16", publicAccessCidrs = ["0.0.0.0/0"], tags = {} } = props;
    const { logTypes = ["api", "audit", "authenticator"], logRetentionDays = 30 } = props;
    const kubernetesVersion = checkVersion(this, props.kubernetesVersion);
    const chosen = { ...props, kubernetesVersion, serviceCidr, publicAccessCidrs, logTypes, logRetentionDays, tags };
    checkEksCluster(this, chosen);
    const systemPool = resolveSystemPool(this, { machineType: "m7i.large", minNodes: 2, maxNodes: 3 }, props.systemPool);

    const place = props.subnetIds
      ? { privateSubnetIds: props.subnetIds }
      : new EksNetwork(this, "Network", { clusterName: name, cidr, zones, natGateways, tags });
    const subnetIds = place.privateSubnetIds;
    const partition = new DataAwsPartition(this, "Partition");
    const cluster = createControlPlane(this, { ...chosen, subnetIds, partition });

    const common = { clusterName: cluster.name, kubernetesVersion, tags };
    const vpcCni = new EksClusterAddon(this, "VpcCni", { ...common, addonName: "vpc-cni" });
    const kubeProxy = new EksClusterAddon(this, "KubeProxy", { ...common, addonName: "kube-proxy" });
    const podIdentity = new EksClusterAddon(this, "PodIdentityAgent", { ...common, addonName: "eks-pod-identity-agent" });

    const system = new EksSystemPool(this, "SystemPool", {
      ...common,
      ...systemPool,
      subnetIds,
      dependsOn: [vpcCni.resource, kubeProxy.resource, podIdentity.resource],
    });
    new EksClusterAddon(this, "CoreDns", {
      ...common,
      addonName: "coredns",
      configuration: { tolerations: [SYSTEM_POOL_TOLERATION, { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }] },
      dependsOn: [system.resource],
    });
    new EksEbsCsi(this, "EbsCsi", { ...common, partition, dependsOn: [system.resource, podIdentity.resource] });

    // By way of the network plugin: pools that use the name are created after it, and destroyed before it.
    this.clusterName = vpcCni.resource.clusterName;
    this.kubernetesVersion = kubernetesVersion;
    this.endpoint = cluster.endpoint;
    this.certificateAuthority = cluster.certificateAuthority.get(0).data;
    this.serviceCidr = serviceCidr;
    this.clusterSecurityGroupId = cluster.vpcConfig.clusterSecurityGroupId;
    this.subnetIds = subnetIds;
    this.vpcId = cluster.vpcConfig.vpcId;
    this.network = place instanceof EksNetwork ? place : undefined;
    this.oidcIssuerUrl = cluster.identity.get(0).oidc.get(0).issuer;
  }
}
