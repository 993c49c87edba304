/*
 * The broker's tests once more, on Bun from its npm package:
 *
 *     tsx broker/test/run-on-bun.ts [filter …]
 *
 * Without Bun for this machine it says so and ends well, but not under REQUIRE_TOOLS=1.
 */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const bun = join(dirname(require.resolve("bun/package.json")), "bin/bun.exe");
const vitest = join(dirname(require.resolve("vitest/package.json")), "vitest.mjs");

if (spawnSync(bun, ["--version"]).status !== 0) {
  console.log("skipped on Bun: the npm package 'bun' has no binary for this machine");
  process.exit(process.env.REQUIRE_TOOLS === "1" ? 1 : 0);
}
const filters = process.argv.length > 2 ? process.argv.slice(2) : ["broker/test"];
process.exit(spawnSync(bun, ["--bun", vitest, "run", ...filters], { stdio: "inherit" }).status ?? 1);
