import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { onTestFinished, vi } from "vitest";
import { ask } from "../admin/support.js";

/** Value by name and labels, as they stand in the text. */
export function samplesIn(text: string): ReadonlyMap<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

/** A client that does not outlive the test. */
export async function connect(port: number): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, protocolVersion: 5 });
  onTestFinished(() => client.endAsync(true));
  return client;
}

/** A folder that does not outlive the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "metrics-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A server with an HTTP port, as a process of its own that does not outlive the test; waits until `path` answers with 200. */
export async function startServer(file: string, args: readonly string[], port: number, path: string): Promise<() => Promise<void>> {
  const child = spawn(file, [...args], { stdio: "ignore", cwd: tmpdir() });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async () => {
    child.kill();
    await exited;
  };
  onTestFinished(stop);
  await vi.waitFor(
    async () => {
      const { status } = await ask(port, path);
      if (status !== 200) throw new Error(`${file} is not ready: ${status}`);
    },
    { timeout: 30_000, interval: 50 },
  );
  return stop;
}
