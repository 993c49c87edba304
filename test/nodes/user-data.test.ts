import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TerraformOutput, type TerraformStack } from "cdktf";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { z } from "zod";
import { SysctlProfile } from "../../lib/kernel/sysctl-profile";
import { EksManagedNodePool } from "../../lib/nodes/eks/eks-managed-node-pool";
import { EksSelfManagedNodePool, type EksSelfManagedNodePoolProps } from "../../lib/nodes/eks/eks-self-managed-node-pool";
import { USER_DATA_LIMIT } from "../../lib/nodes/eks/encode-user-data";
import { type Block, resourceOf, synthesise } from "../support/synth";
import { requireTool } from "../support/tools";
import { knownEksCluster, plannedEksCluster } from "./eks-cluster-fixture";
import { bottlerocketSettingsOf, decodeUserData, partsOf } from "./read-user-data";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "user-data-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Text that every layer on the way would like to change. */
const AWKWARD = 'echo "\\${HOME} $${X} %{if} \'single\' \\"double\\" \\\\ $(date) {{x}}" # end';

function template(props: Partial<EksSelfManagedNodePoolProps> = {}): Block {
  return resourceOf(
    synthesise((stack) => {
      new EksSelfManagedNodePool(stack, "Pool", { cluster: knownEksCluster("1.34"), machineType: "m7g.2xlarge", ...props });
    }),
    "aws_launch_template",
  );
}

const userData = (props: Partial<EksSelfManagedNodePoolProps> = {}) => decodeUserData(template(props).user_data);

function managedUserData(props: object = {}): string {
  const synthesised = synthesise((stack) => {
    new EksManagedNodePool(stack, "Pool", { cluster: knownEksCluster("1.34"), machineType: "m7g.2xlarge", ...props });
  });
  return decodeUserData(resourceOf(synthesised, "aws_launch_template").user_data);
}

describe("user data that depends on a cluster yet to be made", () => {
  it.for([
    ["al2023", "1.34"],
    ["bottlerocket", "1.34"],
    ["al2", "1.32"],
  ] as const)("arrives whole when Terraform puts the coordinates in (%s)", { timeout: 120_000 }, ([operatingSystem, version], context) => {
    const terraform = requireTool(context, "terraform", "see hashicorp.com for a package");
    const cluster = knownEksCluster(version);
    const props = { operatingSystem, ...(operatingSystem !== "bottlerocket" && { preJoinScript: AWKWARD }) };

    const evaluated = evaluate(terraform, (stack) => {
      new EksSelfManagedNodePool(stack, "Pool", {
        cluster: plannedEksCluster("terraform_data.cluster.output", version),
        machineType: "m7g.2xlarge",
        imageId: "ami-0",
        ...props,
      });
    });

    const expected = userData({ cluster, ...props }).replace("cidrhost('172.20.0.0/16', 10)", "172.20.0.10");
    expect(evaluated).toBe(expected);
    if (operatingSystem !== "bottlerocket") expect(evaluated).toContain(AWKWARD);
  });

  /** Keeps of a synthesised stack only the user data, and lets Terraform itself evaluate it against a cluster of made-up coordinates. */
  function evaluate(terraform: string, build: (stack: TerraformStack) => void): string {
    const expression = resourceOf(synthesise(build), "aws_launch_template").user_data;
    const { clusterName: name, endpoint, certificateAuthority: ca, serviceCidr: cidr } = knownEksCluster("1.34");
    const project = mkdtempSync(join(folder, "terraform-"));
    const configuration = {
      resource: { terraform_data: { cluster: { input: { name, endpoint, ca, cidr } } } },
      output: { user_data: { value: expression } },
    };
    writeFileSync(join(project, "main.tf.json"), JSON.stringify(configuration));
    for (const command of [
      ["init", "-input=false"],
      ["apply", "-auto-approve", "-input=false"],
    ]) {
      const { status, stderr } = spawnSync(terraform, [...command, "-no-color"], { cwd: project, encoding: "utf8" });
      if (status !== 0) throw new Error(`terraform ${command[0]}: ${stderr}`);
    }
    const { stdout } = spawnSync(terraform, ["output", "-raw", "user_data"], { cwd: project, encoding: "utf8" });
    return Buffer.from(stdout, "base64").toString();
  }

  it("never has a placeholder of cdktf encoded into it", () => {
    const synthesised = synthesise((stack) => {
      const cluster = plannedEksCluster("module.eks");
      new EksSelfManagedNodePool(stack, "Pool", { cluster, machineType: "m7g.2xlarge" });
      new TerraformOutput(stack, "unused", { value: cluster.endpoint });
    });
    const text = decodeUserData(resourceOf(synthesised, "aws_launch_template").user_data);
    expect(text).not.toContain("TfToken");
    expect(text).toContain("module.eks.endpoint");
  });
});

describe("MIME user data", () => {
  it.for([
    [
      "AL2023, self-managed",
      () => userData({ preJoinScript: AWKWARD }),
      ["text/x-shellscript", "text/x-shellscript", "application/node.eks.aws"],
    ],
    ["AL2023, managed", () => managedUserData(), ["text/x-shellscript", "application/node.eks.aws"]],
    ["AL2", () => userData({ operatingSystem: "al2", cluster: knownEksCluster("1.32") }), ["text/x-shellscript", "text/x-shellscript"]],
  ] as const)("reads the same in Python's email, which cloud-init uses (%s)", ([, render, types], context) => {
    const python = requireTool(context, "python3", "install python3");
    const program =
      "import email, json, sys\nm = email.message_from_string(sys.stdin.read())\nassert m.is_multipart() and not m.defects, m.defects\n" +
      "print(json.dumps([[p.get_content_type(), p.get_payload(decode=True).decode()] for p in m.get_payload()]))";
    const text = render();
    const { stdout, stderr } = spawnSync(python, ["-c", program], { input: text, encoding: "utf8" });
    expect(stderr).toBe("");
    const parts: [string, string][] = JSON.parse(stdout);
    expect(parts.map(([type]) => type)).toEqual(types);
    expect(parts.map(([, body]) => body.trimEnd())).toEqual(partsOf(text).map(({ body }) => body.trimEnd()));
  });

  it("leaves the cluster's coordinates of a managed group to EKS", () => {
    const { spec } = JSON.parse(partsOf(managedUserData()).at(-1)!.body);
    expect(spec).not.toHaveProperty("cluster");
  });
});

describe("the shell parts", () => {
  it.for([
    ["AL2023", () => userData({ preJoinScript: "echo hello" })],
    ["AL2", () => userData({ operatingSystem: "al2", cluster: knownEksCluster("1.32") })],
  ] as const)("pass shellcheck (%s)", ([, render], context) => {
    const shellcheck = requireTool(context, "shellcheck", "apt-get install shellcheck");
    for (const { type, body } of partsOf(render())) {
      if (type !== "text/x-shellscript") continue;
      const { stdout } = spawnSync(shellcheck, ["-"], { input: body, encoding: "utf8" });
      expect(stdout).toBe("");
    }
  });

  it("include the program that runs on the node as shellcheck sees it", (context) => {
    const shellcheck = requireTool(context, "shellcheck", "apt-get install shellcheck");
    expect(spawnSync(shellcheck, ["lib/nodes/eks/broker-tuning.sh"], { encoding: "utf8" }).stdout).toBe("");
  });

  it("give AL2's bootstrap.sh each kubelet argument as one word", () => {
    const script = partsOf(userData({ operatingSystem: "al2", cluster: knownEksCluster("1.32"), kubelet: { "max-pods": 110 } })).at(
      -1,
    )!.body;
    const recorded = script.replace("/etc/eks/bootstrap.sh", "printf '%s\\n'").replace("cidrhost('172.20.0.0/16', 10)", "172.20.0.10");
    const { stdout } = spawnSync("bash", ["-c", recorded], { encoding: "utf8" });
    const words = stdout.trimEnd().split("\n");
    expect(words[0]).toBe("prod");
    expect(words.at(-1)?.split(" ")).toEqual([
      "--allowed-unsafe-sysctls=net.core.somaxconn,net.ipv4.tcp_max_syn_backlog,net.ipv4.tcp_max_tw_buckets",
      "--node-labels=dedicated=mqtt-broker",
      "--register-with-taints=dedicated=mqtt-broker:NoSchedule",
      "--max-pods=110",
    ]);
  });
});

describe("the NodeConfig for nodeadm", () => {
  const nodeConfigOf = (text: string) => partsOf(text).at(-1)!.body;

  it("is accepted by nodeadm itself", (context) => {
    expect(nodeadmCheck(context, nodeConfigOf(userData()))).toMatchObject({ status: 0 });
  });

  it("is refused by nodeadm with a field of another type, so the check above can fail", (context) => {
    const broken = nodeConfigOf(userData()).replace(/"flags": \[[^\]]*\]/, '"flags": "--node-labels=a=b"');
    const { status, stderr } = nodeadmCheck(context, broken);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/cannot unmarshal string into Go struct field KubeletOptions.*flags/);
  });

  function nodeadmCheck(context: TestContext, config: string) {
    const nodeadm = requireTool(context, "nodeadm", "go install github.com/awslabs/amazon-eks-ami/nodeadm/cmd/nodeadm@latest");
    const file = join(mkdtempSync(join(folder, "nodeadm-")), "config.json");
    writeFileSync(file, config);
    return spawnSync(nodeadm, ["config", "check", "-c", `file://${file}`], { encoding: "utf8" });
  }

  // The newest nodeadm that can be built here (February 2024) ignores fields it does not know, baseRuntimeSpec (June 2024) among them.
  // This table is the API as published in nodeadm/doc/api.md of 2026-07; it knows every field, and refuses any other.
  const NodeConfig = z.strictObject({
    apiVersion: z.literal("node.eks.aws/v1alpha1"),
    kind: z.literal("NodeConfig"),
    spec: z.strictObject({
      cluster: z
        .strictObject({
          name: z.string().min(1),
          apiServerEndpoint: z.url(),
          certificateAuthority: z.base64(),
          cidr: z.cidrv4(),
        })
        .optional(),
      kubelet: z.strictObject({
        config: z.record(z.string(), z.unknown()),
        flags: z.array(z.string().regex(/^--[a-z-]+=\S+$/)),
      }),
      containerd: z.strictObject({
        baseRuntimeSpec: z.strictObject({
          process: z.strictObject({
            rlimits: z.array(z.strictObject({ type: z.literal("RLIMIT_NOFILE"), soft: z.int(), hard: z.int() })),
          }),
        }),
      }),
    }),
  });

  it.each([
    ["self-managed", () => userData()],
    ["managed", () => managedUserData()],
  ])("has the published shape (%s)", (_, render) => {
    const config = NodeConfig.parse(JSON.parse(nodeConfigOf(render())));
    expect(config.spec.kubelet.config).toMatchObject({
      allowedUnsafeSysctls: expect.arrayContaining(["net.core.somaxconn"]),
      registerWithTaints: [{ key: "dedicated", value: "mqtt-broker", effect: "NoSchedule" }],
    });
  });

  it("carries further kubelet settings", () => {
    const { spec } = JSON.parse(nodeConfigOf(userData({ kubelet: { maxPods: 58 } })));
    expect(spec.kubelet.config.maxPods).toBe(58);
  });
});

describe("Bottlerocket's settings", () => {
  const text = () => userData({ operatingSystem: "bottlerocket", labels: { "example.com/team": "iot" }, kubelet: { "max-pods": 110 } });

  it("are TOML with sysctl names and values as quoted strings and no quoted header", () => {
    const settings = bottlerocketSettingsOf(text());
    for (const [name, value] of Object.entries(settings.kernel.sysctl)) {
      expect(name).toMatch(/^[a-zA-Z0-9./_-]{1,128}$/);
      expect(value).toBeTypeOf("string");
    }
    expect(text()).toContain('"net.core.rmem_max" = "16777216"');
    for (const header of text().match(/^\[.*\]$/gm) ?? []) expect(header).not.toContain('"');
    expect(settings.kubernetes["max-pods"]).toBe(110);
  });

  it("name the cluster for self-managed nodes and leave it to EKS for managed ones", () => {
    expect(text()).toContain('cluster-name = "prod"');
    expect(text()).toContain("cluster-dns-ip");
    expect(managedUserData({ operatingSystem: "bottlerocket" })).not.toMatch(/cluster-name|api-server|cluster-dns-ip/);
  });
});

describe("the size of user data", () => {
  const spare = () => USER_DATA_LIMIT - Buffer.byteLength(userData({ preJoinScript: "x" }));

  it("may fill EC2's 16 KiB to the last byte, and not one more", () => {
    expect(Buffer.byteLength(userData({ preJoinScript: "x".repeat(spare() + 1) }))).toBe(USER_DATA_LIMIT);
    expect(() => template({ preJoinScript: "x".repeat(spare() + 2) })).toThrow(
      /'preJoinScript' makes the user data too long: 16385 bytes.*EC2 takes 16384; shorten/,
    );
  });

  it("leaves room for what is only known at deploy time", () => {
    const cluster = plannedEksCluster("module.eks");
    expect(() => template({ cluster, preJoinScript: "x".repeat(spare()) })).toThrow(/2816 for values known at deploy time/);
    expect(() => template({ cluster, preJoinScript: "x".repeat(spare() - 2816) })).not.toThrow();
  });

  it("leaves most of it to the caller", () => {
    expect(Buffer.byteLength(userData({ profile: SysctlProfile.forConnections(1_000_000) }))).toBeLessThan(USER_DATA_LIMIT / 1.5);
  });
});

describe("what cannot go into user data", () => {
  it.each<[string, Partial<EksSelfManagedNodePoolProps>, RegExp]>([
    [
      "text that is not ASCII",
      { preJoinScript: "echo grün" },
      /'preJoinScript' cannot go into user data: .*ASCII text; it contains "ü" \(U\+fc\)/,
    ],
    ["the boundary", { preJoinScript: "==cdktf-broker-pools==" }, /must not contain the line/],
    [
      "a script on Bottlerocket",
      { operatingSystem: "bottlerocket", preJoinScript: "true" },
      /cannot run on Bottlerocket, which has no shell/,
    ],
    [
      "a reserved kubelet setting",
      { kubelet: { allowedUnsafeSysctls: [] } },
      /'kubelet' sets allowedUnsafeSysctls, which the pool writes itself/,
    ],
    [
      "a kubelet argument with a blank on AL2",
      { operatingSystem: "al2", cluster: knownEksCluster("1.32"), kubelet: { "eviction-hard": "memory.available< 1Gi" } },
      /must not contain blanks, quotes or backslashes/,
    ],
    [
      "AL2 on Kubernetes 1.33",
      { operatingSystem: "al2", cluster: knownEksCluster("1.33") },
      /'eks-al2' ends at Kubernetes 1\.32.*use operatingSystem 'al2023'/,
    ],
    [
      "a raw Terraform expression, which would be encoded as it stands",
      { cluster: { ...knownEksCluster("1.34"), endpoint: "${data.aws_eks_cluster.it.endpoint}" } },
      /'cluster' has the raw Terraform expression '\$\{data\.aws_eks_cluster\.it\.endpoint\}' as its apiServerEndpoint/,
    ],
    ["no subnets", { subnetIds: [] }, /'subnetIds' is empty/],
  ])("%s is refused", (_, props, message) => {
    expect(() => template(props)).toThrow(message);
  });

  it("AL2 in a managed group is refused, where the allow-list would be lost", () => {
    expect(() => managedUserData({ operatingSystem: "al2", cluster: knownEksCluster("1.32") })).toThrow(
      /takes no kubelet arguments, so the allow-list would be lost/,
    );
  });
});
