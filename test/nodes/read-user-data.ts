import { parse as parseToml } from "smol-toml";

/** What a node would find in its user data, in one form for every operating system. */
export interface NodeFacts {
  readonly sysctls: Record<string, string>;
  readonly allowList: string[];
  readonly labels: Record<string, string>;
  /** `key=value:effect`, sorted. */
  readonly taints: string[];
  readonly openFiles?: number;
}

/** One part of a MIME multipart document. */
export interface Part {
  readonly type: string;
  readonly body: string;
}

/** Text of `user_data`; what only Terraform knows stays as its expression. `user-data.test.ts` lets Terraform evaluate the same. */
export function decodeUserData(encoded: string): string {
  if (/^[A-Za-z0-9+/]+=*$/.test(encoded)) return Buffer.from(encoded, "base64").toString();
  const pieces = /^\$\{base64encode\(join\("", \[(.*)\]\)\)\}$/s.exec(encoded)?.[1];
  if (!pieces) throw new Error(`neither base64 nor an expression for it: ${encoded.slice(0, 80)}`);
  return pieces
    .split(/base64decode\("([^"]*)"\)/)
    .map((piece, index) => (index % 2 === 1 ? Buffer.from(piece, "base64").toString() : piece.replace(/^, |, $/g, "").replaceAll('"', "'")))
    .join("");
}

/** The parts of a multipart document; Python's `email` reads the same in user-data.test.ts. */
export function partsOf(mime: string): Part[] {
  const boundary = /boundary="([^"]+)"/.exec(mime)?.[1];
  if (!boundary) throw new Error("no boundary");
  return mime
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const [head = "", ...body] = part.trimStart().split("\n\n");
      return { type: /Content-Type: ([^;]+)/.exec(head)?.[1] ?? "", body: body.join("\n\n") };
    });
}

export function readUserData(text: string): NodeFacts {
  if (text.startsWith("MIME-Version")) {
    const parts = partsOf(text);
    const config = parts.find(({ type }) => type === "application/node.eks.aws");
    const script = parts[0]!.body;
    return config ? readNodeConfig(script, config.body) : readBootstrap(script, parts.at(-1)!.body);
  }
  return readBottlerocket(text);
}

function readNodeConfig(script: string, json: string): NodeFacts {
  const { kubelet, containerd } = JSON.parse(json).spec;
  const rlimit = containerd.baseRuntimeSpec.process.rlimits[0];
  if (rlimit.soft !== rlimit.hard) throw new Error("soft and hard limit differ");
  return {
    sysctls: planFileOf(script),
    allowList: kubelet.config.allowedUnsafeSysctls,
    labels: labelsOf(kubelet.flags[0].replace("--node-labels=", "")),
    taints: kubelet.config.registerWithTaints.map((taint: Record<string, string>) => `${taint.key}=${taint.value}:${taint.effect}`).sort(),
    openFiles: rlimit.hard,
  };
}

function readBootstrap(script: string, bootstrap: string): NodeFacts {
  const args = Object.fromEntries(
    /--kubelet-extra-args '([^']*)'/
      .exec(bootstrap)![1]!
      .split(" ")
      .map((argument) => argument.slice(2).split(/=(.*)/s)),
  );
  return {
    sysctls: planFileOf(script),
    allowList: (args["allowed-unsafe-sysctls"] ?? "").split(",").filter(Boolean),
    labels: labelsOf(args["node-labels"] ?? ""),
    taints: (args["register-with-taints"] ?? "").split(",").sort(),
    openFiles: Number(/LimitNOFILE=(\d+)/.exec(script)?.[1]),
  };
}

/** The part of Bottlerocket's settings that pools write. */
interface BottlerocketSettings {
  readonly kernel: { readonly sysctl: Record<string, string> };
  readonly kubernetes: {
    readonly "allowed-unsafe-sysctls": string[];
    readonly "node-labels": Record<string, string>;
    readonly "node-taints": Record<string, string[]>;
    readonly "max-pods"?: number;
  };
  readonly "oci-defaults": { readonly "resource-limits": { readonly "max-open-files": { "soft-limit": number; "hard-limit": number } } };
}

export function bottlerocketSettingsOf(toml: string): BottlerocketSettings {
  return (parseToml(toml) as unknown as { settings: BottlerocketSettings }).settings;
}

function readBottlerocket(text: string): NodeFacts {
  const settings = bottlerocketSettingsOf(text);
  const files = settings["oci-defaults"]["resource-limits"]["max-open-files"];
  if (files["soft-limit"] !== files["hard-limit"]) throw new Error("soft and hard limit differ");
  return {
    sysctls: settings.kernel.sysctl,
    allowList: settings.kubernetes["allowed-unsafe-sysctls"],
    labels: settings.kubernetes["node-labels"],
    taints: Object.entries(settings.kubernetes["node-taints"])
      .flatMap(([key, values]) => values.map((value) => `${key}=${value}`))
      .sort(),
    openFiles: files["hard-limit"],
  };
}

function planFileOf(script: string): Record<string, string> {
  const lines = /cat >\/etc\/broker-tuning\/plan <<'BROKER_TUNING_EOF'\n([\s\S]*?)\nBROKER_TUNING_EOF/.exec(script)![1]!.split("\n");
  return Object.fromEntries(
    lines
      .filter((line) => !line.startsWith("#") && line !== "end" && !line.startsWith("RLIMIT_NOFILE"))
      .map((line) => {
        const [name = "", , , , ...value] = line.split(" ");
        return [name, value.join(" ")];
      }),
  );
}

function labelsOf(flag: string): Record<string, string> {
  return Object.fromEntries(flag.split(",").map((label) => label.split("=")));
}
