import { describe, expect, it } from "vitest";
import { SysctlProfile } from "../../lib/kernel/sysctl-profile";
import { planTuning } from "../../lib/kernel/tuning-plan";
import { tuningScript } from "../../lib/nodes/eks/tuning-script";
import { type NodeSetup, runtimeSpec } from "./private-node";
import { bootPrivateNode } from "./systemd-node";

const PLAN = planTuning(SysctlProfile.MILLION, "eks-al2023", "1.34");
const STOCK = Object.fromEntries(PLAN.node.map(({ name, value }) => [name, value.replaceAll(/\d+/g, "7")]));

/** A kubelet that runs for ever, in the place of the image's; its standard error goes where a test can read it. */
const KUBELET = {
  "/etc/systemd/system/kubelet.service":
    "[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/sleep 60\nStandardError=file:/run/kubelet.log\n",
};

const STATE = "systemctl show --property=ActiveState,Result kubelet.service; cat /run/kubelet.log; cat /dev/console";

function node(files: Record<string, string>, afterwards: string): NodeSetup {
  return { script: tuningScript(PLAN, "runtime-spec"), sysctls: STOCK, files: { ...KUBELET, ...files }, afterwards };
}

describe("the kubelet of a node under a real systemd", { timeout: 60_000 }, () => {
  it("starts when the plan is in force", async (context) => {
    const result = await bootPrivateNode(
      context,
      node(runtimeSpec(1_048_576, 1_048_576), `systemctl start kubelet.service; echo "exit $?"; ${STATE}`),
    );
    expect(result).toBe("exit 0\nResult=success\nActiveState=active\n");
  });

  it("does not start while the containers' limit is short, says why in its log and on the console, and starts once it is mended", async (context) => {
    const mend = "sed -i 's/65536/1048576/' /etc/containerd/base-runtime-spec.json";
    const afterwards = `systemctl start kubelet.service 2>/dev/null; echo "exit $?"; ${STATE}; ${mend}; systemctl start kubelet.service; systemctl is-active kubelet.service`;
    const result = await bootPrivateNode(context, node(runtimeSpec(65_536, 1_048_576), afterwards));
    const reason = "the open-file limit of containers (soft hard) is '65536 1048576', the plan wants 1048576";
    expect(result).toBe(
      `exit 1\nResult=exit-code\nActiveState=failed\nbroker-tuning: required: ${reason}\nbroker-tuning: the kubelet does not start: ${reason}\nactive\n`,
    );
  });

  it("applies the plan again at every start, as after a reboot that lost it", async (context) => {
    const lose = "echo 9 >/proc/sys/fs/nr_open";
    const afterwards = `${lose}; systemctl start kubelet.service; systemctl is-active kubelet.service; cat /proc/sys/fs/nr_open`;
    expect(await bootPrivateNode(context, node(runtimeSpec(1_048_576, 1_048_576), afterwards))).toBe("active\n2097152\n");
  });

  it("does not start when the program that checks could not be installed", async (context) => {
    const afterwards = `rm /usr/local/sbin/broker-tuning; systemctl start kubelet.service 2>/dev/null; echo "exit $?"; systemctl is-active kubelet.service`;
    expect(await bootPrivateNode(context, node(runtimeSpec(1_048_576, 1_048_576), afterwards))).toBe("exit 1\nfailed\n");
  });
});
