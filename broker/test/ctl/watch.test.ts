import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { startAdmin } from "../admin/support.js";

const MAIN = join(import.meta.dirname, "../../src/main.ts");
const RUNTIME = process.versions.bun === undefined ? ["--import", "tsx"] : [];

it("mqttd ctl --watch does it again and again, also while nobody answers, until it is interrupted", { timeout: 60_000 }, async () => {
  const broker = await startAdmin();
  const admin = `http://127.0.0.1:${broker.adminPort}`;
  const watching = spawn(process.execPath, [...RUNTIME, MAIN, "ctl", "status", "--watch", "0.05", "--admin", admin]);
  onTestFinished(() => void watching.kill("SIGKILL"));
  const exited = once(watching, "exit");
  let [out, err] = ["", ""];
  watching.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  watching.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  while (out.split("is started\n\n").length < 4) await once(watching.stdout, "data");
  await broker.stop();
  while (err.split("does not answer").length < 3) await once(watching.stderr, "data");
  watching.kill("SIGINT");
  expect(await exited).toEqual([null, "SIGINT"]);
});
