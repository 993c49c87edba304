import type { Release } from "@cdktf/provider-helm/lib/release";
import { Annotations } from "cdktf";
import { Construct } from "constructs";
import { InvalidPropsError } from "../errors";
import { openFilesFor } from "../kernel/open-files";
import type { IBrokerNodePool } from "../nodes/broker-node-pool";
import type { IBrokerRelease, Listener, RenderedPod } from "./broker-release";
import { EMQX_REPOSITORY } from "./chart-sources";
import { checkBacklog, checkConnections, checkSysctls, longestBacklog, podSysctls } from "./check-pool";
import { emqxEdition } from "./emqx-edition";
import type { EmqxReleaseProps } from "./emqx-props";
import { EMQX_PORTS, emqxValues, environmentName } from "./emqx-values";
import { GeneratedSecret } from "./generated-secret";
import { installRelease } from "./install-release";
import { dashboardCommand, endpointCommand, secretCommand } from "./kubectl";
import { mergeValues } from "./merge-values";
import { warnOfPlainText } from "./plain-text";

/** What props say; in `config` it would be said twice. */
const BY_PROPS: Readonly<Record<string, string>> = {
  EMQX_NODE__MAX_PORTS: "maxPorts",
  EMQX_NODE__PROCESS_LIMIT: "processLimit",
  EMQX_DASHBOARD__DEFAULT_PASSWORD: "credentialsSecret",
  EMQX_NODE__COOKIE: "credentialsSecret",
};

/** Bounds of `node.max_ports` (emqx_conf_schema.erl). */
const MAX_PORTS = { min: 1024, max: 134_217_727 };

/**
 * EMQX on a pool, by its own chart: 5.8.9 under the Apache licence, or the enterprise edition with a licence of yours. Values that the chart does not
 * know are not found here: it has no schema.
 */
export class EmqxRelease extends Construct implements IBrokerRelease {
  readonly pool: IBrokerNodePool;
  readonly namespace: string;
  readonly host: string;
  readonly ports: Readonly<Partial<Record<Listener, number>>>;
  readonly pod: RenderedPod;
  readonly endpointCommand: string;
  readonly dashboardCommand: string;
  readonly dashboardSecretCommand: string;
  /** Holds the dashboard's password as EMQX_DASHBOARD__DEFAULT_PASSWORD; the user is `admin`. */
  readonly credentialsSecret: string;
  readonly resource: Release;

  /** @throws InvalidPropsError, InvalidSysctlError */
  constructor(scope: Construct, id: string, props: EmqxReleaseProps) {
    super(scope, id);
    const { namespace, pool, releaseName = "emqx", replicas = 3, connectionsPerPod = 200_000, listeners = ["mqtt"] } = props;
    const edition = emqxEdition(this, props);
    checkEmqx(this, props);
    checkConnections(this, pool, connectionsPerPod);
    const sysctls = podSysctls(this, pool, props.sysctls);
    const longest = longestBacklog(pool, sysctls);
    const { backlog = longest, maxPorts = openFilesFor(connectionsPerPod) } = props;
    checkBacklog(this, pool, backlog, longest);
    checkMaxPorts(this, maxPorts, connectionsPerPod);
    if (!("EMQX_AUTHENTICATION" in normalised(props.config))) {
      Annotations.of(this).addWarning(
        "EMQX lets every client connect until it has an authenticator; add one by config or in the dashboard",
      );
    }

    warnOfPlainText(this, listeners, props.service ?? {});
    const credentials = props.credentialsSecret ?? this.#generateCredentials(props);
    this.credentialsSecret = typeof credentials === "string" ? credentials : credentials.secretName;
    const choices = { releaseName, replicas, connections: connectionsPerPod, listeners, backlog, maxPorts, sysctls };
    const values = mergeValues(emqxValues(props, { ...choices, credentialsSecret: this.credentialsSecret }), props.values ?? {});
    const rendered = (values.podSecurityContext as { readonly sysctls?: RenderedPod["sysctls"] }).sysctls ?? [];
    checkSysctls(this, pool, "values", rendered);

    this.pool = pool;
    this.namespace = namespace.name;
    this.host = `${releaseName}.${namespace.name}.svc`;
    this.ports = Object.fromEntries(listeners.map((listener) => [listener, EMQX_PORTS[listener]]));
    this.pod = { sysctls: rendered, connections: connectionsPerPod };
    this.endpointCommand = endpointCommand(namespace.name, releaseName);
    this.dashboardCommand = dashboardCommand(namespace.name, `pod/${releaseName}-0`);
    this.dashboardSecretCommand = secretCommand(namespace.name, this.credentialsSecret, "EMQX_DASHBOARD__DEFAULT_PASSWORD");
    this.resource = installRelease(this, {
      name: releaseName,
      namespace: namespace.name,
      chart: edition.chart,
      repository: props.repository ?? EMQX_REPOSITORY,
      version: edition.version,
      values,
      timeoutSeconds: props.timeoutSeconds,
      dependsOn: [namespace.resource, ...(typeof credentials === "string" ? [] : [credentials.resource])],
    });
  }

  #generateCredentials({ namespace, releaseName = "emqx" }: EmqxReleaseProps): GeneratedSecret {
    return new GeneratedSecret(this, "Credentials", {
      namespace,
      name: `${releaseName}-credentials`,
      // Named as EMQX reads them from its environment.
      passwords: { EMQX_DASHBOARD__DEFAULT_PASSWORD: 32, EMQX_NODE__COOKIE: 32 },
    });
  }
}

function normalised(config: EmqxReleaseProps["config"] = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [environmentName(key), value]));
}

function checkEmqx(release: EmqxRelease, { pool, replicas = 3, listeners = ["mqtt"], tls, config }: EmqxReleaseProps): void {
  if (!Number.isInteger(replicas) || replicas < 1) {
    throw new InvalidPropsError(release, "replicas", `is ${replicas}; it takes a whole number from 1 on`);
  }
  if (pool.tuning.hostNetwork) {
    throw new InvalidPropsError(
      release,
      "pool",
      `'${pool.node.path}' is planned for pods on the node's network, which EMQX' chart has no value for; make the pool without hostNetwork`,
    );
  }
  if (listeners.length === 0) throw new InvalidPropsError(release, "listeners", "is empty; name one of mqtt, mqtts, ws and wss at least");
  if (!tls && listeners.some((listener) => listener === "mqtts" || listener === "wss")) {
    throw new InvalidPropsError(
      release,
      "listeners",
      `has ${listeners.join(", ")} but there is no certificate, and EMQX' own is the same everywhere; give tls a Secret or an issuer of cert-manager`,
    );
  }
  for (const key of Object.keys(normalised(config))) {
    if (BY_PROPS[key]) throw new InvalidPropsError(release, "config", `sets ${key}; use the prop ${BY_PROPS[key]}, which is checked`);
  }
}

function checkMaxPorts(release: EmqxRelease, maxPorts: number, connections: number): void {
  const { min, max } = MAX_PORTS;
  if (!Number.isInteger(maxPorts) || maxPorts < min || maxPorts > max) {
    throw new InvalidPropsError(release, "maxPorts", `is ${maxPorts}; it takes a whole number from ${min} to ${max}`);
  }
  if (maxPorts < connections) {
    throw new InvalidPropsError(release, "maxPorts", `is ${maxPorts}, below connectionsPerPod (${connections}); each connection is a port`);
  }
}
