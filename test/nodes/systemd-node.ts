import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { findTool, unavailable } from "../support/tools";
import { type NodeSetup, needNamespaces, writeNodeFiles } from "./private-node";

/** How long systemd may take to boot and `afterwards` to end. */
const TIME_LIMIT_MS = 20_000;

/**
 * A node whose process 1 is the real systemd: runs user data, boots, and then runs `afterwards`, whose output is the result.
 *
 * Nothing of it reaches the machine: namespaces of its own, a root file system it can only read, memory file systems where it
 * writes, and a cgroup of its own that is taken away afterwards.
 */
export async function bootPrivateNode(context: TestContext, setup: NodeSetup): Promise<string> {
  needNamespaces(context);
  const systemd = "/lib/systemd/systemd";
  if (!existsSync(systemd) || !findTool("systemctl")) unavailable(context, "systemd is not installed; apt-get install systemd");
  const hierarchy = /^\S+ (\S+) cgroup2 /m.exec(readFileSync("/proc/mounts", "utf8"))?.[1];
  if (hierarchy === undefined) unavailable(context, "there is no cgroup2 hierarchy to put systemd in");

  const root = mkdtempSync(join(tmpdir(), "systemd-node-"));
  const cgroup = join(hierarchy, `systemd-node-${process.pid}`);
  try {
    mkdirSync(cgroup);
  } catch {
    rmSync(root, { recursive: true });
    unavailable(context, `no cgroup can be made in ${hierarchy}`);
  }
  writeNodeFiles(root, setup);
  mkdirSync(join(root, "out"));
  writeFileSync(join(root, "boot.sh"), bootScript(root, setup, systemd));

  const inside = [
    "unshare",
    "--mount",
    "--net",
    "--pid",
    "--cgroup",
    "--uts",
    "--ipc",
    "--fork",
    "--kill-child",
    "bash",
    `${root}/boot.sh`,
  ];
  const node = spawn("bash", ["-c", `echo $$ >${cgroup}/cgroup.procs; exec ${inside.join(" ")}`], { stdio: ["ignore", "ignore", "pipe"] });
  let complaints = "";
  node.stderr.on("data", (chunk) => {
    complaints += chunk;
  });
  try {
    return await resultIn(join(root, "out"), () => complaints);
  } finally {
    node.kill("SIGKILL");
    await new Promise((done) => (node.exitCode === null && node.signalCode === null ? node.once("exit", done) : done(undefined)));
    await removeCgroup(cgroup);
    rmSync(root, { recursive: true, force: true });
  }
}

function bootScript(root: string, { sysctls, afterwards }: NodeSetup, systemd: string): string {
  return [
    "set -e",
    "mount --make-rprivate /",
    "mount -t proc proc /proc",
    // The folder of this run, reachable by a path that survives the memory file systems below.
    "mount -t tmpfs none /mnt",
    "mkdir /mnt/node",
    `mount --bind ${root} /mnt/node`,
    "mount -o remount,bind,ro /",
    "for folder in /etc /run /tmp /var /root /home /usr/local/sbin; do mount -t tmpfs none $folder; done",
    "mkdir -p /etc/sysctl.d /etc/modules-load.d /etc/systemd/system",
    "mount -t tmpfs none /sys/fs/cgroup",
    "mount -t cgroup2 none /sys/fs/cgroup",
    "[ ! -e /dev/console ] || mount --bind /mnt/node/console /dev/console",
    "[ ! -d /mnt/node/files ] || cp -r /mnt/node/files/. /",
    ...(sysctls ? ["mount --bind /mnt/node/proc-sys /proc/sys"] : []),
    "PATH=/mnt/node/bin:$PATH bash /mnt/node/script.sh",
    "printf '[Unit]\\nDefaultDependencies=no\\n' >/etc/systemd/system/only.target",
    // systemd answers once it has booted.
    `( set +e; until systemctl list-units >/dev/null 2>&1; do sleep 0.1; done; { ${afterwards}; } >/mnt/node/out/part 2>&1; mv /mnt/node/out/part /mnt/node/out/result ) &`,
    "export container=test",
    `exec ${systemd} --system --unit=only.target --show-status=no`,
  ].join("\n");
}

/** What `afterwards` printed, once it has ended. */
async function resultIn(folder: string, complaints: () => string): Promise<string> {
  const result = join(folder, "result");
  const giveUpAt = Date.now() + TIME_LIMIT_MS;
  while (!existsSync(result)) {
    if (Date.now() > giveUpAt) throw new Error(`systemd did not finish in ${TIME_LIMIT_MS} ms: ${complaints()}`);
    await new Promise((resume) => setTimeout(resume, 50));
  }
  return readFileSync(result, "utf8");
}

/** Groups can only go when they are empty, children first, and processes take a moment to be gone. */
async function removeCgroup(path: string): Promise<void> {
  for (let attempt = 0; existsSync(path); attempt++) {
    try {
      removeEmpty(path);
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resume) => setTimeout(resume, 50));
    }
  }
}

function removeEmpty(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmpty(join(path, entry.name));
  }
  rmdirSync(path);
}
