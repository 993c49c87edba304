import { cpSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { planKey, planOf } from "../doctor/make-plan.js";
import { requireTool } from "../support/tools.js";
import { Pod } from "./pod.js";
import { type RenderedPod, renderPod } from "./rendered-pod.js";
import { buildShippedFiles, type ShippedFiles } from "./shipped-files.js";

const BROKER = resolve(import.meta.dirname, "../..");
const BUN = resolve(BROKER, "../node_modules/bun/bin/bun.exe");
const CLIENTS = join(import.meta.dirname, "pod-clients.mjs");

const CONNECTIONS = 5_000;
const SYSCTLS = [
  { name: "net.core.somaxconn", value: "32768" },
  { name: "net.ipv4.tcp_max_syn_backlog", value: "16384" },
];

let shipped: ShippedFiles;
beforeAll(() => {
  shipped = buildShippedFiles();
  cpSync(join(BROKER, "charts/mqttd"), join(shipped.broker, "charts/mqttd"), {
    recursive: true,
    filter: (path) => !path.endsWith("/files"),
  });
});
afterAll(() => shipped.dispose());

describe.each([
  ["bun", () => BUN],
  ["node", (context: TestContext) => requireTool(context, "node", "install Node.js 20 or newer")],
] as const)("the bundle on %s, started as the chart starts it", (runtime, programOf) => {
  function render(context: TestContext): RenderedPod {
    const helm = requireTool(context, "helm", "go install helm.sh/helm/v3/cmd/helm@v3.19.2");
    return renderPod(helm, shipped, {
      runtime,
      auth: { allowAnonymous: true },
      connectionsPerPod: CONNECTIONS,
      persistence: { enabled: false },
      podSecurityContext: { sysctls: SYSCTLS },
      drain: { preStopSeconds: 0, delaySeconds: 1, disconnectRate: 2_500, marginSeconds: 5 },
      resources: { limits: { memory: "512Mi" } },
      plan: planOf(
        ...SYSCTLS.map(({ name, value }) => planKey(name, value)),
        planKey("net.core.netdev_max_backlog", "16384", { setBy: ["node"] }),
        planKey("RLIMIT_NOFILE", "6000", { setBy: ["node"] }),
      ),
    });
  }
  const start = (context: TestContext, pod: RenderedPod) => Pod.start(context, pod, { runtime, program: programOf(context) });
  const doctorOf = ({ spec }: RenderedPod) => spec.initContainers.find(({ name }) => name === "doctor")!;

  it("passes its doctor, serves 5,000 clients, and lets them go within its grace period", { timeout: 60_000 }, async (context) => {
    const rendered = render(context);
    const pod = await start(context, rendered);
    const doctor = pod.run(doctorOf(rendered));
    expect(await doctor.ended, doctor.output()).toBe(0);

    const broker = pod.run(rendered.spec.containers[0]!);
    await broker.says('"msg":"ready"');
    const clients = pod.beside(process.execPath, CLIENTS, "1883", String(CONNECTIONS));
    await clients.says("connected");

    const graceMs = rendered.spec.terminationGracePeriodSeconds * 1_000;
    const late = new Promise<string>((done) => setTimeout(done, graceMs, "still there when the kubelet kills it").unref());
    broker.signal("SIGTERM");
    expect(await Promise.race([broker.ended, late]), broker.output()).toBe(0);
    expect(JSON.parse(await clients.says('"closed"'))).toEqual({ closed: CONNECTIONS, told: CONNECTIONS });
  });

  it("does not start where its doctor finds a required key short", async (context) => {
    const { spec, ...rest } = render(context);
    const short = { ...spec, securityContext: { ...spec.securityContext, sysctls: SYSCTLS.slice(1) } };
    const pod = await start(context, { ...rest, spec: short });
    const doctor = pod.run(doctorOf({ ...rest, spec }));
    expect(await doctor.ended).toBe(1);
    expect(doctor.output()).toContain(
      "required: net.core.somaxconn: it is 4096, and the plan has at least 32768: add net.core.somaxconn to the pod",
    );
  });

  it("runs as nobody who may do anything, and writes nowhere but to /tmp", async (context) => {
    const rendered = render(context);
    const pod = await start(context, rendered);
    const shell = (script: string) => pod.run({ ...doctorOf(rendered), name: "shell", command: ["sh", "-c"], args: [script] });
    const paths = ["/opt/mqttd/x", "/etc/mqttd/x", "/usr/x", "/x"];
    const writes = shell(
      `for path in ${paths.join(" ")}; do (echo > $path) 2>/dev/null && exit 9; done; echo > /tmp/x && id -u && grep CapEff /proc/self/status`,
    );
    expect(await writes.ended, writes.output()).toBe(0);
    expect(writes.output()).toBe(`${rendered.spec.securityContext.runAsUser}\nCapEff:\t0000000000000000`);
  });
});
