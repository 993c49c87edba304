import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { minifySync } from "rolldown/utils";
import { dashboardFiles } from "./dashboard.mjs";

const BROKER = fileURLToPath(new URL("..", import.meta.url));
const TARGET = "node20";
/** Two dozen KiB that a Helm release would hold twice; a test sees to it that nothing asks for them. */
const LEFT_OUT = ["thread-stream", "@opentelemetry/api", "tdigest"];
const STAND_IN = "./shipping/left-out.mjs";
/** A module of a package that is not left out. */
const LEFT_OUT_TOO = { package: "@nats-io/nats-core", module: /^\.\/bench(\.js)?$/ };

// Some dependencies are CommonJS and ask for Node's modules by `require`, which a module has to make for itself. `@bun` tells Bun that there
// is nothing to transpile: without it, and without a cache it may write to, as in a pod, it keeps 10 MB of syntax trees for nothing. Nor does Bun
// compile what runs once, until the broker is ready (`compileAsUsual`): that is 3 MB of code.
const HEADER = [
  "#!/usr/bin/env node",
  "// @bun",
  'import { createRequire as __createRequire } from "node:module";',
  "const require = __createRequire(import.meta.url);",
  "globalThis.Bun?.unsafe?.setJITPolicy?.(100);",
  "",
].join("\n");

/**
 * The broker as one file for Node 20 and newer and for Bun, without anything beside it; the same bytes wherever it is made.
 *
 * @returns its code, and the files that went into it, as paths from the folder of the broker
 */
export async function bundle() {
  const dashboard = await dashboardFiles();
  const { outputFiles, metafile } = await build({
    absWorkingDir: BROKER,
    entryPoints: ["src/main.ts"],
    outfile: "mqttd.js",
    write: false,
    metafile: true,
    bundle: true,
    platform: "node",
    format: "esm",
    target: TARGET,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    define: { MQTTD_DASHBOARD: JSON.stringify(dashboard) },
    alias: Object.fromEntries(LEFT_OUT.map((name) => [name, STAND_IN])),
    plugins: [{ name: "left-out", setup: leaveOut }],
    logLevel: "warning",
  });
  const [output] = Object.values(metafile.outputs);
  const inputs = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return { code: HEADER + inAscii(minified(withoutFolders(outputFiles[0].text))), inputs: inputs.map(([path]) => path) };
}

function leaveOut({ onResolve }) {
  onResolve({ filter: LEFT_OUT_TOO.module }, ({ importer }) =>
    importer.includes(LEFT_OUT_TOO.package) ? { path: join(BROKER, STAND_IN) } : undefined,
  );
}

/** esbuild names each CommonJS module by its path from here, which depends on where node_modules is. */
function withoutFolders(code) {
  return code.replaceAll(/(?<=__commonJS\(\{")[^"]*node_modules\//g, "");
}

/** Bun reads what needs no transpiling as Latin-1: the dashboard's dashes came out as three characters. Escapes mean the same everywhere in code. */
function inAscii(code) {
  return code.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * Smaller by a third, without a call in place of each name as esbuild's keepNames makes it: names of functions and classes stay, for stack
 * traces and for the types of errors in the log.
 */
function minified(code) {
  const { code: small, errors } = minifySync("mqttd.js", code, {
    module: true,
    compress: { target: TARGET, keepNames: { function: true, class: true } },
    mangle: { keepNames: true },
    codegen: { legalComments: "none" },
  });
  if (errors.length > 0) throw new AggregateError(errors, "the bundle could not be made smaller");
  return small;
}
