import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Debian has daemons there, and not on every user's PATH. */
const DAEMON_FOLDERS = ["/usr/sbin", "/usr/local/sbin"];

/** What looks for programs: vitest's TestContext is one; a command line has its own. */
export interface ToolContext {
  readonly task: { readonly name: string };
  skip(reason: string): never;
  onTestFinished(clean: () => void | Promise<void>): void;
}

/**
 * Full path of a program that a test needs. Without it the test is skipped and says why, or fails under REQUIRE_TOOLS=1.
 */
export function requireTool(context: ToolContext, name: string, install: string): string {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...DAEMON_FOLDERS];
  const path = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (path !== undefined) return path;

  const reason = `'${name}' is not on PATH; ${install}`;
  if (process.env.REQUIRE_TOOLS === "1") throw new Error(`REQUIRE_TOOLS=1, but ${reason}`);
  console.log(`skipped: ${context.task.name}: ${reason}`);
  return context.skip(reason);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
