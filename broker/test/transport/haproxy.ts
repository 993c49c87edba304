import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { freePort } from "../support/free-port.js";
import { requireTool } from "../support/tools.js";

export interface HaproxyOptions {
  /** Port of the listener behind it. */
  readonly serverPort: number;
  /** What stands behind the server's address, for example "send-proxy". */
  readonly serverOptions: string;
  /** What stands behind the bind address, for example "ssl crt FILE". */
  readonly bindOptions?: string;
}

/** Runs a real haproxy until the test ends; returns the port that clients connect to. */
export async function startHaproxy(context: TestContext, { serverPort, serverOptions, bindOptions = "" }: HaproxyOptions): Promise<number> {
  const program = requireTool(context, "haproxy", "install the package haproxy");
  const folder = mkdtempSync(join(tmpdir(), "mqttd-haproxy-"));
  const port = await freePort();
  const config = join(folder, "haproxy.cfg");
  writeFileSync(
    config,
    `
    global
      stats socket ${folder}/admin.sock
    defaults
      mode tcp
      timeout connect 10s
      timeout client 60s
      timeout server 60s
    listen mqtt
      bind 127.0.0.1:${port} ${bindOptions}
      server broker 127.0.0.1:${serverPort} ${serverOptions}
    `.replaceAll(/^ {4}/gm, ""),
  );

  const haproxy = spawn(program, ["-db", "-f", config], { stdio: "pipe" });
  let output = "";
  haproxy.stderr.on("data", (text) => (output += text));
  context.onTestFinished(async () => {
    if (haproxy.exitCode === null && haproxy.signalCode === null) {
      haproxy.kill("SIGKILL");
      await once(haproxy, "exit");
    }
    rmSync(folder, { recursive: true });
  });
  while (!(await answers(join(folder, "admin.sock")))) {
    if (haproxy.exitCode !== null) throw new Error(`haproxy ended with ${haproxy.exitCode}: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return port;
}

/** Asks there, because a connection to the port itself would reach the listener. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
