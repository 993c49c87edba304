import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import type { Contender, Start } from "./contender.js";

/** Debian installs it where only root's PATH leads. */
const PLACES = ["mosquitto", "/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"];

/** mosquitto as installed; undefined if it is not. */
export function mosquitto(): Contender | undefined {
  const file = PLACES.find((place) => spawnSync(place, ["-h"]).error === undefined);
  if (file === undefined) return undefined;
  return {
    name: "mosquitto",
    title: `mosquitto ${versionOf(file)}`,
    role: "reference",
    budgets: [],
    speaksMqtt5: true,
    speaksTls: true,
    stores: true,
    guards: true,
    command(start) {
      const configFile = join(start.folder, "mosquitto.conf");
      writeFileSync(configFile, mosquittoConfig(start, userInfo().username));
      return { file, args: ["-c", configFile] };
    },
  };
}

/** No limit that a window could reach, nothing on disk, no log, and TCP_NODELAY as everyone else here has it. */
export function mosquittoConfig({ host, port, tls, folder, isDurable, guard }: Start, user: string): string {
  const lines = [
    "per_listener_settings false",
    `allow_anonymous ${guard === undefined}`,
    // It writes everything every half an hour and when it stops, acknowledging long before.
    ...(isDurable ? ["persistence true", `persistence_location ${folder}/`] : ["persistence false"]),
    ...(guard ? [`password_file ${guard.passwordFile}`, `acl_file ${guard.aclFile}`] : []),
    "log_dest none",
    "max_inflight_messages 0",
    "max_queued_messages 0",
    "set_tcp_nodelay true",
    "sys_interval 0",
    // Started by root it would become another user, who may not read the certificate.
    `user ${user}`,
    `listener ${port} ${host}`,
  ];
  if (tls !== undefined) lines.push(`listener ${tls.port} ${host}`, `certfile ${tls.certFile}`, `keyfile ${tls.keyFile}`);
  return `${lines.join("\n")}\n`;
}

function versionOf(file: string): string {
  return /version ([\d.]+)/.exec(spawnSync(file, ["-h"], { encoding: "utf8" }).stdout)?.[1] ?? "of unknown version";
}
