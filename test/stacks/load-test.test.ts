import { App, type TerraformStack, Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import { AksStack } from "../../stacks/aks";
import { BrokersStack } from "../../stacks/brokers";
import { EksStack } from "../../stacks/eks";
import { GkeStack } from "../../stacks/gke";
import { KubeconfigStack } from "../../stacks/kubeconfig";
import { LoadTestStack } from "../../stacks/load-test";
import { readSettings } from "../../stacks/settings";
import { type Block, resourcesOf } from "../support/synth";

const CLOUDS = { eks: EksStack, aks: AksStack, gke: GkeStack } as const;
const POOLS = { eks: "aws_autoscaling_group", aks: "azurerm_kubernetes_cluster_node_pool", gke: "google_container_node_pool" } as const;
type Cloud = keyof typeof CLOUDS;

const IDLE = { name: "idle", command: "conn", clients: 1_000_000 };
const credentialsSecret = "load-user";

function build(cloud: Cloud, loadTest: object, release: object = {}) {
  const settings = readSettings({ loadTest, release }, {});
  const app = new App();
  const cluster = new CLOUDS[cloud](app, cloud, settings);
  const brokers = settings.release.broker === "none" ? undefined : new BrokersStack(app, `${cloud}-brokers`, settings, cluster);
  const load = new LoadTestStack(app, `${cloud}-load-test`, settings, { cluster, pool: cluster.generators!, broker: brokers?.broker });
  const stacks: TerraformStack[] = [cluster, ...(brokers ? [brokers] : []), load];
  for (const stack of stacks) stack.prepareStack();
  const synthesised = JSON.parse(Testing.synth(load, false));
  return {
    load,
    synthesised,
    cluster: JSON.parse(Testing.synth(cluster, false)),
    dependencies: load.dependencies.map(({ node }) => node.id),
  };
}

const valuesOf = (synthesised: Block): Block =>
  JSON.parse(resourcesOf(synthesised, "helm_release").find(({ name }) => name === "load-test")!.values[0]);

describe.each(Object.keys(CLOUDS) as Cloud[])("a load test on %s", (cloud) => {
  const { synthesised, cluster, dependencies } = build(cloud, { scenarios: [IDLE], credentialsSecret });

  it("has nodes of its own beside the brokers', for 6 pods each", () => {
    const pools = resourcesOf(cluster, POOLS[cloud]);
    expect(JSON.stringify(pools)).toContain("mqtt-load");
    expect(JSON.stringify(pools)).toMatch(/"(min_size|min_count|total_min_node_count)":4/);
  });

  it("comes after cluster and brokers, and is aimed at the brokers' Service", () => {
    expect(dependencies).toEqual(expect.arrayContaining([cloud, `${cloud}-brokers`]));
    const [job] = valuesOf(synthesised).jobs;
    expect(job).toMatchObject({ name: "idle", pods: 20 });
    expect(job.args.join(" ")).toContain("-h mqttd.mqtt.svc -p 1883");
  });

  it("is not there without a scenario", () => {
    const settings = readSettings({}, {});
    expect(new CLOUDS[cloud](new App(), cloud, settings).generators).toBeUndefined();
  });
});

describe("a load test", () => {
  it("can be aimed at another broker, by nodes and machines of one's choice", () => {
    const loadTest = { scenarios: [IDLE], target: "mosquitto.example:1884", nodes: 2, machineType: "n2-standard-16" };
    const { synthesised, cluster } = build("gke", loadTest, { broker: "none" });
    expect(valuesOf(synthesised).jobs[0].args.join(" ")).toContain("-h mosquitto.example -p 1884");
    expect(JSON.stringify(cluster)).toContain("n2-standard-16");
  });

  it("runs on the nodes there are in a cluster of a kubeconfig", () => {
    const settings = readSettings(
      { stacks: ["kubeconfig"], loadTest: { scenarios: [IDLE], credentialsSecret }, kubeconfig: { labels: { role: "mqtt" } } },
      {},
    );
    const app = new App();
    const cluster = new KubeconfigStack(app, "kubeconfig", settings);
    const load = new LoadTestStack(app, "load", settings, { cluster, pool: cluster.generators!, broker: cluster.broker });
    for (const stack of [cluster, load]) stack.prepareStack();
    const synthesised = JSON.parse(Testing.synth(load, false));
    expect(valuesOf(synthesised).nodeSelector).toEqual({ role: "mqtt" });
    expect(synthesised.provider.helm[0].kubernetes).toMatchObject({ config_path: expect.any(String) });
  });

  it("needs a user where the brokers of the stack let in users alone, and no other does", () => {
    const refused =
      (loadTest: object, release: object = {}) =>
      () =>
        readSettings({ loadTest: { scenarios: [IDLE], ...loadTest }, release }, {});
    expect(refused({})).toThrow(/loadTest\.credentialsSecret .*name a Secret of the namespace mqtt-load/);
    for (const [loadTest, release] of [
      [{ credentialsSecret }],
      [{}, { allowAnonymous: true }],
      [{}, { broker: "emqx" }],
      [{ target: "mosquitto.example:1884" }],
    ]) {
      expect(refused(loadTest!, release)).not.toThrow();
    }
    expect(() => readSettings({}, {})).not.toThrow();
  });

  it.each<[object, string]>([
    [{ loadTest: { scenarios: [{ ...IDLE, clients: 0 }] } }, "scenario 'idle': 'clients' is 0"],
    [{ loadTest: { scenarios: [IDLE] }, release: { broker: "none" } }, "release.broker is none, so there is nothing to test"],
    [{ loadTest: { scenarios: [IDLE], target: "mosquitto" } }, "host:port of the broker to test"],
    [{ loadTest: { scenario: [IDLE] } }, "scenario"],
  ])("is refused with %j", (context, words) => {
    expect(() => readSettings(context, {})).toThrow(words);
  });
});
