import { describe, expect, it } from "vitest";
import { SysctlProfile } from "../../lib/kernel/sysctl-profile";
import { planTuning } from "../../lib/kernel/tuning-plan";
import { tuningScript } from "../../lib/nodes/eks/tuning-script";
import { requireTool } from "../support/tools";
import { type NodeSetup, runOnPrivateNode, runtimeSpec } from "./private-node";

const PLAN = planTuning(SysctlProfile.MILLION, "eks-al2023", "1.34");
const SCRIPT = tuningScript(PLAN, "runtime-spec");

/** A stock node: everything lower than wanted. */
const STOCK = Object.fromEntries(PLAN.node.map(({ name, value }) => [name, value.replaceAll(/\d+/g, "7")]));
const TUNED_FILES = runtimeSpec(1_048_576, 1_048_576);

/** A node after its first boot, with one thing changed since. */
function node(changes: Partial<NodeSetup> & { readonly afterwards: string }): NodeSetup {
  return { script: SCRIPT, sysctls: STOCK, files: TUNED_FILES, ...changes };
}

const pathOf = (name: string) => `/proc/sys/${name.replaceAll(".", "/")}`;
const CHECK = "/usr/local/sbin/broker-tuning check";

describe("broker-tuning on a node", () => {
  it("raises a stock node to the plan, and the check passes without a word", (context) => {
    const read = PLAN.node.map(({ name }) => `echo "${name} $(cat ${pathOf(name)})"`).join("\n");
    const { code, stdout, stderr } = runOnPrivateNode(context, node({ afterwards: `${read}\n${CHECK}` }));
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout.trim().split("\n")).toEqual(PLAN.node.map(({ name, value }) => `${name} ${value}`));
  });

  it("never lowers what is larger already, now or at the next boot", (context) => {
    const sysctls = { ...STOCK, "fs.file-max": "9223372036854775807", "net.core.rmem_max": "33554432" };
    const afterwards = `cat ${pathOf("fs.file-max")} ${pathOf("net.core.rmem_max")} /etc/sysctl.d/99-zz-broker-tuning.conf; ${CHECK}`;
    const { code, stdout } = runOnPrivateNode(context, node({ sysctls, afterwards }));
    expect(code).toBe(0);
    expect(stdout.split("\n").slice(0, 2)).toEqual(["9223372036854775807", "33554432"]);
    expect(stdout).toContain("fs.file-max = 9223372036854775807\n");
    expect(stdout).toContain("net.core.rmem_max = 33554432\n");
  });

  it("sets absolute values even when they are lower", (context) => {
    const sysctls = { ...STOCK, "net.ipv4.tcp_rmem": "4096\t131072\t6291456" };
    const { stdout } = runOnPrivateNode(context, node({ sysctls, afterwards: `cat ${pathOf("net.ipv4.tcp_rmem")}` }));
    expect(stdout).toBe("1024 4096 16777216\n");
  });

  it("keeps every value for the next boot, with the conntrack module loaded first", (context) => {
    const { stdout } = runOnPrivateNode(
      context,
      node({ afterwards: "cat /etc/sysctl.d/99-zz-broker-tuning.conf /etc/modules-load.d/* /etc/called" }),
    );
    for (const { name, value } of PLAN.node) expect(stdout).toContain(`${name} = ${value}\n`);
    expect(stdout).toContain("\nnf_conntrack\n");
    expect(stdout).toContain(
      "modprobe nf_conntrack\nsystemctl daemon-reload\nsystemctl enable --now --no-block broker-tuning-restore.timer",
    );
  });

  it("makes the kubelet depend on the check", (context) => {
    const { stdout } = runOnPrivateNode(context, node({ afterwards: "cat /etc/systemd/system/kubelet.service.d/*.conf" }));
    expect(stdout).toBe("[Service]\nExecStartPre=-/usr/local/sbin/broker-tuning apply\nExecStartPre=/usr/local/sbin/broker-tuning check\n");
  });

  for (const { name, value, need, semantics } of PLAN.node) {
    it(`${need === "required" ? "fails" : "warns"} and says which when ${need} ${name} is short`, (context) => {
      const { code, stdout, stderr } = runOnPrivateNode(
        context,
        node({ afterwards: `echo 9 >${pathOf(name)}; broker-tuning check; code=$?; cat /dev/console; exit $code` }),
      );
      expect(stderr).toBe(
        `broker-tuning: ${need}: ${name} is 9, the plan wants ${semantics === "raise-only" ? "at least " : ""}${value}\n`,
      );
      expect(code).toBe(need === "required" ? 1 : 0);
      const onConsole =
        need === "required" ? `broker-tuning: the kubelet does not start: ${name} is 9, the plan wants at least ${value}\n` : "";
      expect(stdout).toBe(onConsole);
    });
  }

  it("fails when the kernel lacks a required key", (context) => {
    const { code, stderr } = runOnPrivateNode(context, node({ afterwards: `rm ${pathOf("fs.nr_open")}; ${CHECK}` }));
    expect(code).toBe(1);
    expect(stderr).toContain("required: fs.nr_open does not exist on this kernel, the plan wants 2097152");
  });

  it.for([
    ["the soft limit of a stock node", runtimeSpec(65_536, 1_048_576), "'65536 1048576'"],
    ["no runtime spec at all", {}, "' '"],
    ["a runtime spec without limits", { "/etc/containerd/base-runtime-spec.json": "{}" }, "' '"],
  ] as const)("fails with %s for containers", ([, files, shown], context) => {
    const { code, stderr } = runOnPrivateNode(context, node({ files, afterwards: CHECK }));
    expect(code).toBe(1);
    expect(stderr).toContain(`required: the open-file limit of containers (soft hard) is ${shown}, the plan wants 1048576`);
  });

  it.for([
    ["is gone", "rm /etc/broker-tuning/plan"],
    ["was cut short by a full disk", "head -n 3 /etc/broker-tuning/plan >/etc/p; mv /etc/p /etc/broker-tuning/plan"],
    ["is empty", ": >/etc/broker-tuning/plan"],
  ] as const)("fails when the plan %s", ([, damage], context) => {
    const { code, stderr } = runOnPrivateNode(context, node({ afterwards: `${damage}; ${CHECK}` }));
    expect(code).toBe(1);
    expect(stderr).toContain("required: /etc/broker-tuning/plan is missing or incomplete");
  });

  it("keeps the kubelet from starting even when the script could not install the check", (context) => {
    const script = `mount -o remount,ro /usr/local/sbin\n${SCRIPT}`;
    const afterwards = `set -- $(sed -n 's/^ExecStartPre=\\([^-]\\)/\\1/p' /etc/systemd/system/kubelet.service.d/90-broker-tuning.conf); echo "$@"; "$@"`;
    const { code, stdout } = runOnPrivateNode(context, node({ script: `set +e\n${script}\nexit 0`, afterwards }));
    expect(stdout).toBe("/usr/local/sbin/broker-tuning check\n");
    expect(code).toBe(127);
  });

  it("raises again what kube-proxy lowers, and touches nothing else", (context) => {
    const conntrack = pathOf("net.netfilter.nf_conntrack_max");
    const afterwards = `echo 131072 >${conntrack}; echo 9 >${pathOf("net.core.rmem_max")}; broker-tuning restore; cat ${conntrack} ${pathOf("net.core.rmem_max")}`;
    expect(runOnPrivateNode(context, node({ afterwards })).stdout).toBe("2097152\n9\n");
  });

  it("writes units that systemd understands", (context) => {
    requireTool(context, "systemd-analyze", "apt-get install systemd");
    const files = { ...TUNED_FILES, "/etc/systemd/system/kubelet.service": "[Service]\nExecStart=/bin/true\n" };
    const units = "kubelet.service broker-tuning-restore.service broker-tuning-restore.timer";
    const { code, stdout, stderr } = runOnPrivateNode(context, node({ files, afterwards: `systemd-analyze verify ${units}` }));
    expect(stdout + stderr).toBe("");
    expect(code).toBe(0);
  });

  it("leaves out the timer when nothing is overwritten", (context) => {
    const plan = planTuning(SysctlProfile.MILLION.without("net.netfilter.nf_conntrack_max"), "eks-al2023", "1.34");
    const setup = node({ script: tuningScript(plan, "runtime-spec"), afterwards: "ls /etc/systemd/system; cat /etc/called" });
    expect(runOnPrivateNode(context, setup).stdout).not.toContain("restore");
  });

  it("puts a plan in force on the real kernel of a network namespace, and sees one key lowered there", (context) => {
    const values = SysctlProfile.of("namespaced", {
      "net.core.somaxconn": 32_768,
      "net.ipv4.tcp_max_syn_backlog": 16_384,
      "net.ipv4.tcp_rmem": [1024, 4096, 16_777_216],
      "net.ipv4.ip_local_port_range": [1024, 65_535],
      "net.ipv4.tcp_fin_timeout": 15,
    });
    const script = tuningScript(planTuning(values, "eks-al2023", "1.34", { hostNetwork: true }), "runtime-spec");
    const read = "cat /proc/sys/net/core/somaxconn /proc/sys/net/ipv4/tcp_rmem /proc/sys/net/ipv4/ip_local_port_range";
    const afterwards = `${read}; broker-tuning check || exit 9; echo 20000 65535 >/proc/sys/net/ipv4/ip_local_port_range; broker-tuning check`;
    const { code, stdout, stderr } = runOnPrivateNode(context, { script, files: runtimeSpec(65_536, 65_536), afterwards });
    expect(stdout).toBe("32768\n1024\t4096\t16777216\n1024\t65535\n");
    expect(stderr).toBe("broker-tuning: required: net.ipv4.ip_local_port_range is 20000 65535, the plan wants 1024 65535\n");
    expect(code).toBe(1);
  });

  it("names a value that the kernel refuses", (context) => {
    const script = tuningScript(
      planTuning(SysctlProfile.of("one", { "net.ipv4.tcp_congestion_control": "no_such_one" }), "eks-al2023", "1.34"),
      "runtime-spec",
    );
    const { code, stderr } = runOnPrivateNode(context, { script, files: runtimeSpec(65_536, 65_536), afterwards: CHECK });
    expect(stderr).toContain("could not set net.ipv4.tcp_congestion_control to no_such_one");
    expect(stderr).toContain("the plan wants no_such_one");
    expect(code).toBe(1);
  });

  it("reads the limit of containerd's own process on AL2", (context) => {
    const plan = planTuning(SysctlProfile.MILLION.withOpenFiles(8192), "eks-al2", "1.32");
    const sysctls = Object.fromEntries(plan.node.map(({ name, value }) => [name, value]));
    const started = (files: number) =>
      `cp /bin/sleep /etc/containerd; (ulimit -n ${files}; exec /etc/containerd 20) & sleep 0.3; broker-tuning check; code=$?; kill $!; exit $code`;
    const setup = (files: number): NodeSetup => ({ script: tuningScript(plan, "containerd"), sysctls, afterwards: started(files) });
    expect(runOnPrivateNode(context, setup(8192))).toMatchObject({ code: 0, stderr: "" });
    const short = runOnPrivateNode(context, setup(4096));
    expect(short.stderr).toContain("the open-file limit of containers (soft hard) is '4096 4096', the plan wants 8192");
    expect(short.code).toBe(1);
  });

  it("raises containerd's limit on AL2 by its unit", (context) => {
    const script = tuningScript(planTuning(SysctlProfile.MILLION, "eks-al2", "1.32"), "containerd");
    const { stdout } = runOnPrivateNode(context, node({ script, afterwards: "cat /etc/systemd/system/containerd.service.d/*.conf" }));
    expect(stdout).toBe("[Service]\nLimitNOFILE=1048576\n");
  });

  it("explains its use when called wrongly", (context) => {
    const { code, stderr } = runOnPrivateNode(context, node({ afterwards: "broker-tuning frobnicate" }));
    expect(code).toBe(2);
    expect(stderr).toContain("usage: broker-tuning apply|restore|check");
  });
});
