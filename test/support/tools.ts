import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { TestContext } from "vitest";

/** Full path of a program on PATH, or undefined. */
export function findTool(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/**
 * Full path of a program that a test needs. Without it the test is skipped with the reason, or fails under REQUIRE_TOOLS=1.
 */
export function requireTool(context: TestContext, name: string, install: string): string {
  const path = findTool(name);
  return path ?? unavailable(context, `'${name}' is not on PATH; ${install}`);
}

/** Skips a test with its reason, or fails it under REQUIRE_TOOLS=1. */
export function unavailable(context: TestContext, reason: string): never {
  if (process.env.REQUIRE_TOOLS === "1") throw new Error(`REQUIRE_TOOLS=1, but ${reason}`);
  return skipBecause(context, reason);
}

/** Skips a test and prints why: Vitest's own reporter keeps the reason to itself. */
export function skipBecause(context: TestContext, reason: string): never {
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
