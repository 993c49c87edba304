import type { Release } from "@cdktf/provider-helm/lib/release";
import { Annotations, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { InvalidPropsError, ScenarioError } from "../errors";
import type { IBrokerNodePool } from "../nodes/broker-node-pool";
import type { IBrokerRelease, Listener } from "../release/broker-release";
import { checkValues } from "../release/chart-schema";
import { podSysctls } from "../release/check-pool";
import { checkReleaseName, installRelease } from "../release/install-release";
import { mergeValues } from "../release/merge-values";
import type { BrokerNamespace } from "../release/namespace";
import { chartPath, checkBundle, packagedChart } from "../release/packaged-chart";
import { podPlacement } from "../release/pod-placement";
import { generatorMemoryMiB } from "./generator-memory";
import { benchArguments, checkScenario, type LoadTarget, podsOf, type Scenario } from "./scenario";

export interface LoadTestFleetProps {
  /** Nodes of the generators, of `SysctlProfile.LOAD_GENERATOR` and dedicated to them (`dedicatedTo: "mqtt-load"`), so that they disturb no broker. */
  readonly pool: IBrokerNodePool;

  readonly namespace: BrokerNamespace;

  /** The broker: any release of this library, or an address of another. */
  readonly target: IBrokerRelease | LoadTarget;

  /** What is done to it, each in a Job of its own, all at once. */
  readonly scenarios: readonly Scenario[];

  /**
   * Name of the release, and what its objects' names begin with.
   *
   * @default "load-test"
   */
  readonly releaseName?: string;

  /**
   * Secret of the namespace with the keys `username` and `password`.
   *
   * @default - the generators come without a user
   */
  readonly credentialsSecret?: string;

  /** What runs the generators. @default "bun" */
  readonly runtime?: "bun" | "node";

  /** Address of a pushgateway that gets the counts of each pod. @default - results are in the pods' logs alone */
  readonly pushgateway?: string;

  /** Values of the chart on top of everything else; maps are merged. @default - none */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** Beyond its duration a pod needs time to start and to sum up. */
const GRACE_SECONDS = 300;

/**
 * Load generators on a pool: an indexed Job for each scenario, whose pods run `mqttd bench` with the same command line and a share of the clients each. Pods end
 * with a summary as a line of JSON in their log.
 */
export class LoadTestFleet extends Construct {
  /** Where the load goes. */
  readonly target: LoadTarget;
  /** Prints what came of it. */
  readonly resultsCommand: string;
  /** For what we did not model. */
  readonly resource: Release;

  /** @throws InvalidPropsError, InvalidSysctlError */
  constructor(scope: Construct, id: string, props: LoadTestFleetProps) {
    super(scope, id);
    const { pool, namespace, releaseName = "load-test", credentialsSecret, runtime = "bun", pushgateway, target } = props;
    checkReleaseName(this, releaseName);
    const scenarios = checkedScenarios(this, props.scenarios);
    const chart = packagedChart(this, "load-test");
    checkBundle(this, chart);
    warnOfPorts(this, pool);

    const most = Math.max(...scenarios.map(({ clients, clientsPerPod = 50_000 }) => Math.min(clients, clientsPerPod)));
    const usesTls = scenarios.some(({ tls }) => tls === true);
    const memory = `${generatorMemoryMiB({ clients: most, runtime, tls: usesTls })}Mi`;
    const addresses = scenarios.map((scenario) => addressOf(this, target, scenario));
    const ours = {
      fullnameOverride: releaseName,
      jobs: scenarios.map((scenario, place) => ({
        name: scenario.name,
        pods: podsOf(scenario),
        args: benchArguments(scenario, addresses[place]!),
        deadlineSeconds: (scenario.durationSeconds ?? 600) + GRACE_SECONDS,
      })),
      runtime,
      credentials: credentialsSecret === undefined ? undefined : { existingSecret: credentialsSecret },
      pushgateway: pushgateway === undefined ? undefined : { url: pushgateway },
      resources: { requests: { cpu: "1", memory }, limits: { memory } },
      podSecurityContext: { sysctls: podSysctls(this, pool) },
      ...podPlacement(pool),
    };
    const values = mergeValues(ours, props.values ?? {});
    checkValues(this, chart.schema, values);

    this.target = addresses[0]!;
    this.resultsCommand = `kubectl --namespace ${namespace.name} logs --selector app.kubernetes.io/instance=${releaseName} --tail 1 --prefix --max-log-requests 100`;
    this.resource = installRelease(this, {
      name: releaseName,
      namespace: namespace.name,
      chart: chartPath(this, chart),
      values,
      dependsOn: [namespace.resource, ...releasesHere(this, target)],
    });
  }
}

/** Of another stack one is applied before the other as a whole. */
function releasesHere(fleet: Construct, target: IBrokerRelease | LoadTarget): readonly Release[] {
  return "resource" in target && TerraformStack.of(target) === TerraformStack.of(fleet) ? [target.resource] : [];
}

function warnOfPorts(fleet: Construct, { node, tuning }: IBrokerNodePool): void {
  if (tuning.podSysctls.some(({ name }) => name === "net.ipv4.ip_local_port_range")) return;
  Annotations.of(fleet).addWarning(
    `pods of pool '${node.path}' have the kernel's 28,232 ports to one address; give the pool SysctlProfile.LOAD_GENERATOR, which opens those from 1024 on`,
  );
}

function checkedScenarios(fleet: Construct, scenarios: readonly Scenario[]): readonly Scenario[] {
  if (scenarios.length === 0)
    throw new InvalidPropsError(fleet, "scenarios", 'is empty; write one at least: { name: "idle", command: "conn", clients: 100_000 }');
  const names = scenarios.map(({ name }) => name);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) throw new InvalidPropsError(fleet, "scenarios", `has two called '${twice}'; each needs a name of its own`);
  try {
    return scenarios.map(checkScenario);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    throw new InvalidPropsError(fleet, "scenarios", `has a ${error.heading} that cannot be run: ${error.problems.join("; ")}`, {
      cause: error,
    });
  }
}

/** The port of a release that fits what the scenario speaks. */
function addressOf(fleet: Construct, target: IBrokerRelease | LoadTarget, { name, tls = false, webSocket = false }: Scenario): LoadTarget {
  if (!("ports" in target)) return target;
  const listener: Listener = webSocket ? (tls ? "wss" : "ws") : tls ? "mqtts" : "mqtt";
  const port = target.ports[listener];
  if (port !== undefined) return { host: (target.podHosts ?? [target.host]).join(","), port };
  throw new InvalidPropsError(
    fleet,
    "target",
    `has no listener '${listener}' for scenario '${name}', only ${Object.keys(target.ports).join(", ")}; change tls and webSocket of the scenario, or add the listener`,
  );
}
