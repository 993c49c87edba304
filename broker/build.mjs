/*
 * Bundles the broker into dist/mqttd.js: one file for Node 20 and newer and for Bun, without anything beside it.
 *
 *     node build.mjs [outfile]
 */
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const outfile = process.argv[2] ?? join(HERE, "dist/mqttd.js");

// Some dependencies are CommonJS and ask for Node's modules by `require`, which a module has to make for itself.
const banner = [
  "#!/usr/bin/env node",
  'import { createRequire as __createRequire } from "node:module";',
  "const require = __createRequire(import.meta.url);",
];

await build({
  absWorkingDir: HERE,
  entryPoints: ["src/main.ts"],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  banner: { js: banner.join("\n") },
  // A third smaller, so that a ConfigMap holds it with room to spare; names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  logLevel: "warning",
});
chmodSync(outfile, 0o755);
