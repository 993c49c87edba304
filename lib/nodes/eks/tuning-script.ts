import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TuningPlan } from "../../kernel/tuning-plan";
import { OPEN_FILES_KEY } from "../../kernel/tuning-row";

/** Who gives containers their limit, and so where the guard reads it. */
export type OpenFilesSource = "runtime-spec" | "containerd";

const PROGRAM = "/usr/local/sbin/broker-tuning";

/** How often the node raises again what kube-proxy lowers when it starts. */
const RESTORE_EVERY = "60s";

/**
 * The shell part of user data: installs `broker-tuning` with its plan, makes the kubelet depend on it, and applies it.
 *
 * The dependency is written first. Whatever fails after it leaves a node whose kubelet does not start, never one that joins untuned:
 * on AL2023 nodeadm starts the kubelet even when this script fails.
 */
export function tuningScript(plan: TuningPlan, openFiles: OpenFilesSource): string {
  const restores = plan.node.some(({ restore }) => restore);
  return [
    "#!/bin/bash",
    `# Kernel tuning of profile '${plan.profileName}' for ${plan.platform}, Kubernetes ${plan.kubernetesVersion}`,
    "set -u",
    "mkdir -p /etc/broker-tuning /etc/systemd/system/kubelet.service.d",
    file("/etc/systemd/system/kubelet.service.d/90-broker-tuning.conf", [
      "[Service]",
      `ExecStartPre=-${PROGRAM} apply`,
      `ExecStartPre=${PROGRAM} check`,
    ]),
    ...(openFiles === "containerd" ? [containerdLimit(plan.openFiles.limit)] : []),
    file("/etc/broker-tuning/plan", planLines(plan, openFiles)),
    file(PROGRAM, [tuningProgram()]),
    `chmod 0755 ${PROGRAM}`,
    ...(plan.modules.length > 0 ? [file("/etc/modules-load.d/broker-tuning.conf", plan.modules)] : []),
    ...plan.modules.map((module) => `modprobe ${module}`),
    `${PROGRAM} apply`,
    ...(restores ? [restoreTimer()] : []),
    "systemctl daemon-reload",
    ...(restores ? ["systemctl enable --now --no-block broker-tuning-restore.timer"] : []),
    "",
  ].join("\n");
}

/** The plan as the program reads it. The last line tells a whole file from one cut short. */
function planLines(plan: TuningPlan, openFiles: OpenFilesSource): string[] {
  return [
    "# key semantics need restore value",
    ...plan.node.map(({ name, semantics, need, restore, value }) => [name, semantics, need, restore ? "restore" : "-", value].join(" ")),
    `${OPEN_FILES_KEY} ${openFiles} ${plan.openFiles.need} - ${plan.openFiles.limit}`,
    "end",
  ];
}

/** Containers of AL2 inherit the limit of containerd's own process. */
function containerdLimit(limit: number): string {
  return `mkdir -p /etc/systemd/system/containerd.service.d\n${file("/etc/systemd/system/containerd.service.d/90-broker-tuning.conf", ["[Service]", `LimitNOFILE=${limit}`])}`;
}

function restoreTimer(): string {
  return [
    file("/etc/systemd/system/broker-tuning-restore.service", [
      "[Unit]",
      "Description=Raise kernel settings that were lowered after the node joined",
      "[Service]",
      "Type=oneshot",
      `ExecStart=${PROGRAM} restore`,
    ]),
    file("/etc/systemd/system/broker-tuning-restore.timer", [
      "[Unit]",
      "Description=Raise kernel settings that were lowered after the node joined",
      "[Timer]",
      `OnBootSec=${RESTORE_EVERY}`,
      `OnUnitActiveSec=${RESTORE_EVERY}`,
      "[Install]",
      "WantedBy=timers.target",
    ]),
  ].join("\n");
}

/** A shell command that writes a file as it stands: the quoted word keeps the shell from expanding anything. */
function file(path: string, lines: readonly string[]): string {
  return `cat >${path} <<'BROKER_TUNING_EOF'\n${lines.join("\n").trimEnd()}\nBROKER_TUNING_EOF`;
}

function tuningProgram(): string {
  return readFileSync(join(__dirname, "broker-tuning.sh"), "ascii");
}
