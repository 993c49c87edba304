import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable } from "node:stream";
import type { TestContext } from "vitest";
import { requireNamespaces } from "../support/root.js";
import { requireTool } from "../support/tools.js";
import type { Container, RenderedPod } from "./rendered-pod.js";

/** Made once for a pod, as its sandbox: a network of its own, and files that cannot be written but for /tmp. */
const SANDBOX = `
set -e
mount --make-rprivate /
ip link set lo up
[ -z "$SYSCTLS" ] || printf '%s\\n' "$SYSCTLS" | while read -r line; do sysctl -q -w "$line"; done
mount -t tmpfs -o mode=755 opt /opt
mkdir /opt/mqttd /opt/bin /opt/etc
cp -R "$FILES/bundle/." /opt/mqttd
touch "/opt/bin/$RUNTIME"
mount --bind "$PROGRAM" "/opt/bin/$RUNTIME"
cp -a /etc/. /opt/etc
mkdir /opt/etc/mqttd
cp -R "$FILES/settings/." /opt/etc/mqttd
mount --bind /opt/etc /etc
mount -o remount,bind,ro /etc
mount -o remount,ro /opt
mount -t tmpfs -o mode=1777,size=64m tmp /tmp
mount -o remount,bind,ro /
echo sandbox
exec sleep infinity
`;

const MEMORY_GROUPS = "/sys/fs/cgroup/memory";

/** A process of a pod, and what it says. */
export interface Process {
  readonly output: () => string;
  /** Resolves when a line of its output has this text. */
  readonly says: (text: string) => Promise<string>;
  readonly ended: Promise<number | null>;
  readonly signal: (name: NodeJS.Signals) => void;
}

/** A pod as the kubelet and containerd make one, as far as namespaces, limits and rights go; it ends with the test. */
export class Pod {
  readonly #pause: ChildProcessByStdio<null, Readable, Readable>;
  readonly #pod: RenderedPod;
  readonly #context: TestContext;

  private constructor(pause: ChildProcessByStdio<null, Readable, Readable>, pod: RenderedPod, context: TestContext) {
    this.#pause = pause;
    this.#pod = pod;
    this.#context = context;
  }

  /** `program` is what the image has under the name `runtime`. */
  static async start(context: TestContext, pod: RenderedPod, { runtime, program }: { runtime: string; program: string }): Promise<Pod> {
    const unshare = requireNamespaces(context, "--net", "--mount");
    for (const tool of ["setpriv", "nsenter"]) requireTool(context, tool, "apt-get install util-linux");
    requireTool(context, "ip", "apt-get install iproute2");
    requireTool(context, "sysctl", "apt-get install procps");
    const files = mkdtempSync(join(tmpdir(), "mqttd-pod-"));
    context.onTestFinished(() => rmSync(files, { recursive: true, force: true }));
    for (const [path, content] of Object.entries(pod.settings)) write(join(files, "settings", path), content);
    for (const [name, content] of Object.entries(pod.bundle)) write(join(files, "bundle", name), content);
    const sysctls = (pod.spec.securityContext.sysctls ?? []).map(({ name, value }) => `${name}=${value}`).join("\n");
    const pause = spawn(unshare, ["--net", "--mount", "sh", "-c", SANDBOX], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, FILES: files, RUNTIME: runtime, PROGRAM: program, SYSCTLS: sysctls },
    });
    const closed = once(pause, "close");
    context.onTestFinished(async () => {
      pause.kill("SIGKILL");
      await closed;
    });
    await watched(pause).says("sandbox");
    return new Pod(pause, pod, context);
  }

  /** Starts a container as the chart says: its command, its user without rights, its environment and nothing else, its memory. */
  run({ name, command, args, env = [], resources }: Container): Process {
    const { runAsUser, runAsGroup } = this.#pod.spec.securityContext;
    const rights = [
      `--reuid=${runAsUser}`,
      `--regid=${runAsGroup}`,
      "--clear-groups",
      "--no-new-privs",
      "--inh-caps=-all",
      "--bounding-set=-all",
    ];
    const variables = ["PATH=/opt/bin:/usr/bin:/bin", ...env.map((one) => `${one.name}=${one.value}`)];
    return this.#enter(["--net", "--mount"], ["setpriv", ...rights, "env", "-i", ...variables, ...command, ...args], {
      name,
      memory: resources.limits.memory,
    });
  }

  /** Runs a program of this machine in the pod's network. */
  beside(...program: readonly string[]): Process {
    return this.#enter(["--net"], program, undefined);
  }

  #enter(namespaces: readonly string[], program: readonly string[], limit: { name: string; memory: string } | undefined): Process {
    const group = limit === undefined ? undefined : this.#memoryGroup(limit);
    const entered = ["nsenter", `--target=${this.#pause.pid}`, ...namespaces, "--", ...program];
    const script = group === undefined ? 'exec "$@"' : `echo $$ > ${group}/cgroup.procs && exec "$@"`;
    const child = spawn("sh", ["-c", script, "sh", ...entered], { stdio: ["ignore", "pipe", "pipe"] });
    const closed = once(child, "close");
    this.#context.onTestFinished(async () => {
      child.kill("SIGKILL");
      await closed;
      if (group !== undefined) rmdirSync(group);
    });
    return watched(child);
  }

  /** A control group with the container's limit, where this machine has cgroup v1 and lets us; elsewhere it is said that there is none. */
  #memoryGroup({ name, memory }: { name: string; memory: string }): string | undefined {
    if (!existsSync(`${MEMORY_GROUPS}/memory.limit_in_bytes`)) {
      console.log(`${this.#context.task.name}: without a memory limit, as ${MEMORY_GROUPS} is not that of cgroup v1`);
      return undefined;
    }
    const group = `${MEMORY_GROUPS}/mqttd-test-${process.pid}-${this.#pause.pid}-${name}`;
    mkdirSync(group);
    writeFileSync(`${group}/memory.limit_in_bytes`, String(bytes(memory)));
    return group;
  }
}

function watched(child: ChildProcessByStdio<null, Readable, Readable>): Process {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const take = (line: string) => {
    lines.push(line);
    for (const look of waiting) look();
  };
  const streams: Interface[] = [createInterface(child.stdout), createInterface(child.stderr)];
  for (const stream of streams) stream.on("line", take);
  const ended = once(child, "close").then(([code]) => code as number | null);
  const output = () => lines.join("\n");
  const says = (text: string) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const line = lines.find((one) => one.includes(text));
        if (line === undefined) return;
        waiting.delete(look);
        resolve(line);
      };
      waiting.add(look);
      look();
      void ended.then((code) => reject(new Error(`it ended with ${code} and did not say '${text}':\n${output()}`)));
    });
  return { output, says, ended, signal: (name) => void child.kill(name) };
}

function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function bytes(quantity: string): number {
  const [, number, unit = ""] = /^(\d+)(Ki|Mi|Gi)?$/.exec(quantity) ?? [];
  return Number(number) * 1_024 ** ["", "Ki", "Mi", "Gi"].indexOf(unit);
}
