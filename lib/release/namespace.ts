import type { Release } from "@cdktf/provider-helm/lib/release";
import { Construct } from "constructs";
import { InvalidPropsError } from "../errors";
import type { IBrokerNodePool } from "../nodes/broker-node-pool";
import { checkValues } from "./chart-schema";
import { installRelease } from "./install-release";
import { mergeValues } from "./merge-values";
import { chartPath, packagedChart } from "./packaged-chart";

/** Levels of Pod Security Admission. */
export type PodSecurityLevel = "restricted" | "baseline" | "privileged";

export interface BrokerNamespaceProps {
  /**
   * Name of the namespace: small letters, digits and dashes, at most 43.
   *
   * @default "mqtt"
   */
  readonly name?: string;

  /** Pools whose pods go here: what their plans have pods set decides what the namespace must admit. */
  readonly pools: readonly IBrokerNodePool[];

  /**
   * Further labels of the namespace.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;

  /**
   * Whether the namespace stays when the release is destroyed, with everything in it: disks and passwords above all.
   *
   * @default true
   */
  readonly keep?: boolean;

  /**
   * Further values of the chart.
   *
   * @default - none
   */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** Helm's 53 characters for a release without what it ends with. */
const LONGEST_NAME = 43;

/**
 * A namespace that admits what the pools' plans have its pods set, and no more: `privileged` where one sets an unsafe sysctl or uses the node's
 * network, else `restricted`. Everything else goes into it, so it comes first.
 */
export class BrokerNamespace extends Construct {
  readonly name: string;
  /** What Pod Security Admission enforces. */
  readonly level: PodSecurityLevel;
  /** For what we did not model, and for `dependsOn`. */
  readonly resource: Release;

  /** @throws InvalidPropsError */
  constructor(scope: Construct, id: string, props: BrokerNamespaceProps) {
    super(scope, id);
    const { name = "mqtt", pools, labels = {}, keep = true } = props;
    if (pools.length === 0) throw new InvalidPropsError(this, "pools", "is empty; name the pools whose pods go into the namespace");

    this.name = name;
    this.level = pools.some(({ tuning }) => tuning.hostNetwork || tuning.rows.some(({ pod }) => pod?.admission === "allow-list"))
      ? "privileged"
      : "restricted";

    if (name.length > LONGEST_NAME) {
      throw new InvalidPropsError(
        this,
        "name",
        `is '${name}'; write at most ${LONGEST_NAME} characters, since its release is called ${name}-namespace`,
      );
    }
    const chart = packagedChart(this, "namespace");
    const sysctls = new Map(pools.flatMap(({ tuning }) => tuning.podSysctls.map(({ name, value }) => [name, value] as const)));
    const values = mergeValues(
      {
        name,
        labels,
        keep,
        sysctls: [...sysctls].map(([name, value]) => ({ name, value })),
        podSecurity: { enforce: this.level },
      },
      props.values ?? {},
    );
    checkValues(this, chart.schema, values);
    this.resource = installRelease(this, {
      name: `${name}-namespace`,
      // Helm keeps its record in a namespace that is there already.
      namespace: "default",
      chart: chartPath(this, chart),
      values,
    });
  }
}
