import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "vitest";
import { unavailable } from "../support/tools";

export interface NodeRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface NodeSetup {
  /** The shell part of user data; runs first, as cloud-init would run it. */
  readonly script: string;
  /** What `/proc/sys` holds beforehand. Undefined: the real one, of a fresh network namespace. */
  readonly sysctls?: Readonly<Record<string, string>>;
  /** Files that the image or nodeadm put there. */
  readonly files?: Readonly<Record<string, string>>;
  /** Shell commands to run afterwards; their exit code is the result. */
  readonly afterwards: string;
}

const NAMESPACES = ["--mount", "--net", "--pid", "--fork", "--kill-child"];

/** The base runtime spec as nodeadm writes it. */
export function runtimeSpec(soft: number, hard: number): Record<string, string> {
  const rlimits = [{ hard, soft, type: "RLIMIT_NOFILE" }];
  return {
    "/etc/containerd/base-runtime-spec.json": JSON.stringify(
      { ociVersion: "1.1.0", process: { noNewPrivileges: true, rlimits } },
      undefined,
      4,
    ),
  };
}

/**
 * Runs user data as root at its real paths, in mount, network and process namespaces of its own: `/etc`, `/usr/local/sbin`, `/dev/console`
 * and, when given, `/proc/sys` are private, so the machine is not touched. Only systemd and modprobe are stand-ins that write down
 * their arguments in `/etc/called`, for there is none to ask here.
 */
export function runOnPrivateNode(context: TestContext, setup: NodeSetup): NodeRun {
  const { sysctls, afterwards } = setup;
  needNamespaces(context);
  const root = mkdtempSync(join(tmpdir(), "broker-node-"));
  try {
    writeNodeFiles(root, setup);
    const program = [
      "set -e",
      "mount --make-rprivate /",
      "mount -t proc proc /proc",
      "mount -t tmpfs none /etc",
      "mount -t tmpfs none /usr/local/sbin",
      "mkdir -p /etc/sysctl.d /etc/modules-load.d /etc/systemd/system",
      `[ ! -e /dev/console ] || mount --bind ${root}/console /dev/console`,
      `[ ! -d ${root}/files ] || cp -r ${root}/files/. /`,
      ...(sysctls ? [`mount --bind ${root}/proc-sys /proc/sys`] : []),
      `export PATH=${root}/bin:$PATH`,
      `bash ${root}/script.sh`,
      "set +e",
      afterwards,
    ].join("\n");
    const { status, stdout, stderr } = spawnSync("unshare", [...NAMESPACES, "bash", "-c", program], {
      encoding: "utf8",
      timeout: 30_000,
    });
    return { code: status ?? -1, stdout, stderr };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Lays out in `root` what a private node is made of: script, console, stand-ins, `proc-sys` and `files`. */
export function writeNodeFiles(root: string, { script, sysctls, files = {} }: NodeSetup): void {
  writeFileSync(join(root, "script.sh"), script);
  writeFileSync(join(root, "console"), "");
  for (const program of ["systemctl", "modprobe"]) {
    write(root, `bin/${program}`, `#!/bin/sh\necho "${program} $*" >>/etc/called\n`, 0o755);
  }
  for (const [name, value] of Object.entries(sysctls ?? {})) write(root, `proc-sys/${name.replaceAll(".", "/")}`, `${value}\n`);
  for (const [path, content] of Object.entries(files)) write(root, `files${path}`, content);
}

/** Root and namespaces, or the test cannot be had. */
export function needNamespaces(context: TestContext): void {
  const { status } = spawnSync("unshare", [...NAMESPACES, "mount", "-t", "proc", "proc", "/proc"]);
  if (status !== 0) unavailable(context, "private namespaces need root and 'unshare'");
}

function write(root: string, path: string, content: string, mode = 0o644): void {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content, { mode });
}
