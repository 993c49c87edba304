import { spawnSync } from "node:child_process";
import type { TestContext } from "vitest";
import { requireTool } from "./tools.js";

const INSTALL = "apt-get install util-linux procps";

/** Full path of `unshare`, where it can make namespaces of these kinds; else the test is skipped and says why, or fails under REQUIRE_TOOLS=1. */
export function requireNamespaces(context: TestContext, ...kinds: readonly ("--net" | "--mount")[]): string {
  const unshare = requireTool(context, "unshare", INSTALL);
  const { status, stderr } = spawnSync(unshare, [...kinds, "true"], { encoding: "utf8" });
  if (status === 0) return unshare;
  const reason = `namespaces (unshare ${kinds.join(" ")}) cannot be made: ${stderr.trim()}; run it as root`;
  if (process.env.REQUIRE_TOOLS === "1") throw new Error(`REQUIRE_TOOLS=1, but ${reason}`);
  console.log(`skipped: ${context.task.name}: ${reason}`);
  return context.skip(reason);
}
