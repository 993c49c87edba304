import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { freePort } from "./free-port.js";
import { TestClient } from "./test-client.js";

/** Starts a mosquitto for this test on a free port of loopback, with more lines of its configuration; returns the port once it takes connections. */
export async function startMosquitto(path: string, lines: readonly string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "mosquitto-"));
  const port = await freePort();
  const config = join(folder, "mosquitto.conf");
  // Started by root it would become another user, who may not read other files; started by anyone else it stays who it is.
  writeFileSync(config, [`listener ${port} 127.0.0.1`, "persistence false", "user root", ...lines, ""].join("\n"));
  const program = spawn(path, ["-c", config], { stdio: "ignore" });
  const exited = new Promise((resolve) => program.once("exit", resolve));
  onTestFinished(async () => {
    program.kill();
    await exited;
    rmSync(folder, { recursive: true });
  });
  await vi.waitFor(() => TestClient.open(port), { timeout: 20_000, interval: 50 });
  return port;
}
