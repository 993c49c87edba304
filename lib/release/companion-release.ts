import type { Release } from "@cdktf/provider-helm/lib/release";
import { Construct } from "constructs";
import { InvalidPropsError } from "../errors";
import type { IBrokerNodePool } from "../nodes/broker-node-pool";
import type { IBrokerRelease, Listener, RenderedPod } from "./broker-release";
import { checkValues } from "./chart-schema";
import { checkArchitecture, checkBacklog, checkConnections, checkSysctls, longestBacklog, podSysctls } from "./check-pool";
import type { CompanionReleaseProps } from "./companion-props";
import { serviceValues } from "./companion-service";
import { companionValues } from "./companion-values";
import { wayIn, withWayIn } from "./companion-way-in";
import { checkDrain, checkDrainRate, type Drain, drainSeconds } from "./drain-time";
import { checkReleaseName, installRelease } from "./install-release";
import { dashboardCommand, endpointCommand, secretCommand } from "./kubectl";
import { mergeValues, type Values } from "./merge-values";
import { NatsRelease } from "./nats-release";
import { chartPath, checkBundle, packagedChart } from "./packaged-chart";
import { warnOfPlainText } from "./plain-text";
import { planDocument } from "./plan-document";
import { secretReleases } from "./secret-key";

/** What the broker's listen backlog is at most (its setting `backlog`). */
const MOST_BACKLOG = 65_535;

/** Of the values as they are at last, what is read back. The chart's schema has checked it. */
interface CheckedValues {
  readonly connectionsPerPod: number;
  readonly replicaCount: number;
  readonly drain: Drain;
  readonly listeners: { readonly backlog: number };
  readonly hostNetwork: boolean;
}

/**
 * The companion broker on a pool: the chart `mqttd` of this package, with placement, sysctls and limits read from the pool's plan, and the plan itself
 * for the doctor. What the pool does not allow is refused here, not by a kubelet.
 */
export class CompanionRelease extends Construct implements IBrokerRelease {
  readonly pool: IBrokerNodePool;
  readonly namespace: string;
  readonly host: string;
  readonly podHosts?: readonly string[];
  readonly ports: Readonly<Partial<Record<Listener, number>>>;
  readonly pod: RenderedPod;
  readonly endpointCommand: string;
  readonly dashboardCommand: string;
  readonly dashboardSecretCommand: string;
  readonly resource: Release;

  /** @throws InvalidPropsError, InvalidSysctlError */
  constructor(scope: Construct, id: string, props: CompanionReleaseProps) {
    super(scope, id);
    const { namespace, pool, nats, releaseName = "mqttd", runtime = "bun", image } = props;
    const { listeners = ["mqtt"], service = {}, drainRate = 1000 } = props;
    // Memory, plan and limits follow the value where there is one.
    const { connectionsPerPod = props.connectionsPerPod ?? 50_000 } = (props.values ?? {}) as { readonly connectionsPerPod?: number };
    const encrypted = listeners.some((listener) => listener === "mqtts" || listener === "wss");
    const atLoadBalancer = service.certificateArn !== undefined;

    checkReleaseName(this, releaseName);
    checkListeners(this, listeners, encrypted && !props.tls && !atLoadBalancer);
    checkTogether(this, props);
    checkAdmission(this, props);
    checkArchitecture(this, pool, image?.architectures);
    checkConnections(this, pool, connectionsPerPod);
    checkDrainRate(this, drainRate);
    const sysctls = podSysctls(this, pool, props.sysctls);
    const longest = longestBacklog(pool, sysctls);
    const { backlog = Math.min(longest, MOST_BACKLOG) } = props;
    checkBacklog(this, pool, backlog, longest);

    warnOfPlainText(this, listeners, service);
    const chart = packagedChart(this, "mqttd");
    if (!image || image.hasBroker === false) checkBundle(this, chart);
    const tls = encrypted && !atLoadBalancer;
    const choices = { releaseName, connections: connectionsPerPod, runtime, listeners, backlog, sysctls, drainRate, tls };
    const ours = mergeValues(serviceValues(this, pool, service), companionValues(props, choices));
    const wanted = mergeValues(ours, props.values ?? {});
    const rendered = renderedSysctls(wanted);
    checkSysctls(this, pool, "values", rendered);
    const planned = mergeValues({ plan: planDocument(pool, { sysctls: rendered, connections: connectionsPerPod }) }, wanted);
    checkValues(this, chart.schema, planned);
    const checked = planned as unknown as CheckedValues;
    checkEscapeHatch(this, pool, checked, longest);
    const values = withWayIn(planned);

    this.pool = pool;
    this.namespace = namespace.name;
    const { host, podHosts, ports } = wayIn(values, { releaseName, namespace: namespace.name, listeners });
    this.host = host;
    this.podHosts = podHosts;
    this.ports = ports;
    this.pod = { sysctls: rendered, connections: connectionsPerPod };
    this.endpointCommand = endpointCommand(namespace.name, releaseName);
    this.dashboardCommand = dashboardCommand(namespace.name, `service/${releaseName}-admin`);
    this.dashboardSecretCommand = secretCommand(namespace.name, `${releaseName}-admin`, "token");
    this.resource = installRelease(this, {
      name: releaseName,
      namespace: namespace.name,
      chart: chartPath(this, chart),
      values,
      timeoutSeconds: props.timeoutSeconds ?? rolloutSeconds(checked),
      dependsOn: [
        namespace.resource,
        ...(nats instanceof NatsRelease ? [nats.resource] : secretReleases(nats?.credentials)),
        ...secretReleases(props.users, props.scram, props.acl),
      ],
    });
  }
}

/** For pods that are replaced one by one: each drains, is scheduled, pulls its image, passes its probes and is left alone for a while. */
function rolloutSeconds({ replicaCount, connectionsPerPod, drain }: CheckedValues): number {
  return Math.max(900, replicaCount * (drainSeconds(connectionsPerPod, drain) + 90));
}

/** Of the values as they are at last: the prop `values` may have replaced ours. */
function renderedSysctls({ podSecurityContext }: Values): RenderedPod["sysctls"] {
  return (podSecurityContext as { readonly sysctls?: RenderedPod["sysctls"] }).sysctls ?? [];
}

/** The limits that the prop `values` may have moved. */
function checkEscapeHatch(
  release: CompanionRelease,
  pool: IBrokerNodePool,
  { connectionsPerPod, drain, listeners, hostNetwork }: CheckedValues,
  longestBacklog: number,
): void {
  checkDrain(release, pool, connectionsPerPod, drain);
  checkBacklog(release, pool, listeners.backlog, longestBacklog);
  if (hostNetwork === pool.tuning.hostNetwork) return;
  throw new InvalidPropsError(
    release,
    "values",
    `sets hostNetwork to ${hostNetwork}, but pool '${pool.node.path}' is planned for ${pool.tuning.hostNetwork}, and its sysctls are placed accordingly; set hostNetwork of the pool`,
  );
}

function checkListeners(release: CompanionRelease, listeners: readonly Listener[], lacksCertificate: boolean): void {
  if (listeners.length === 0) throw new InvalidPropsError(release, "listeners", "is empty; name one of mqtt, mqtts, ws and wss at least");
  if (!lacksCertificate) return;
  throw new InvalidPropsError(
    release,
    "listeners",
    `has ${listeners.join(", ")} but there is no certificate; give tls a Secret or an issuer of cert-manager, or let the load balancer end TLS with service.certificateArn (AWS)`,
  );
}

/** What the types say, for callers without them. */
function checkTogether(release: CompanionRelease, { nats, replicas, persistence }: CompanionReleaseProps): void {
  if (!nats && replicas !== undefined && replicas !== 1) {
    throw new InvalidPropsError(
      release,
      "replicas",
      `is ${replicas} without nats: the brokers would know nothing of each other; add nats, or leave it at 1`,
    );
  }
  if (nats && persistence !== undefined) {
    throw new InvalidPropsError(release, "persistence", "is given beside nats, which keeps what outlives a pod; leave one of the two out");
  }
  if (replicas !== undefined && (!Number.isInteger(replicas) || replicas < 1)) {
    throw new InvalidPropsError(release, "replicas", `is ${replicas}; it takes a whole number from 1 on`);
  }
}

function checkAdmission(
  release: CompanionRelease,
  { users, scram, allowAnonymous, settings = {}, values = {} }: CompanionReleaseProps,
): void {
  if (users || scram || allowAnonymous || "authentication" in settings || "auth" in values) return;
  throw new InvalidPropsError(
    release,
    "users",
    "is not given, so nobody could connect; name the Secret of a password file (GeneratedSecret makes one), scram, settings.authentication, or allow everyone with allowAnonymous",
  );
}
