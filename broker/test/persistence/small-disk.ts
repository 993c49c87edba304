import { execFileSync } from "node:child_process";
import { onTestFinished, type TestContext } from "vitest";
import { temporaryFolder } from "./temporary-store.js";

/**
 * A file system of its own in memory, of so many KiB, that goes with the test. Where mounting is not permitted the test is skipped and says
 * why, or fails under REQUIRE_TOOLS=1.
 */
export function smallDisk(context: TestContext, kibibytes: number): { readonly folder: string; remount(options: string): void } {
  const folder = temporaryFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kibibytes}k`, "mqttd-test", folder], { stdio: "pipe" });
  } catch (error) {
    const reason = `mounting a tmpfs is not permitted here: ${(error as Error).message.trim().split("\n").at(-1)}`;
    if (process.env.REQUIRE_TOOLS === "1") throw new Error(`REQUIRE_TOOLS=1, but ${reason}`);
    console.log(`skipped: ${context.task.name}: ${reason}`);
    return context.skip(reason);
  }
  onTestFinished(() => void execFileSync("umount", ["-l", folder]));
  return { folder, remount: (options) => void execFileSync("mount", ["-o", `remount,${options}`, folder]) };
}
