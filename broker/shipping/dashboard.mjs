import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const DASHBOARD = fileURLToPath(new URL("../src/dashboard", import.meta.url));
/** Two years of browsers. */
const TARGET = ["chrome120", "firefox121", "safari17"];

/** The dashboard's files as the admin port serves them: no framework, no package, nothing from elsewhere. */
export async function dashboardFiles() {
  const [script, style] = await Promise.all([built("main.ts"), built("style.css")]);
  return { html: text("index.html"), script, style, icon: text("icon.svg").trim() };
}

async function built(entry) {
  const { outputFiles } = await build({
    absWorkingDir: DASHBOARD,
    entryPoints: [entry],
    outfile: entry,
    write: false,
    bundle: true,
    minify: true,
    platform: "browser",
    format: "esm",
    target: TARGET,
    charset: "utf8",
    legalComments: "none",
    // The codec takes two functions of Node's Buffer.
    ...(entry.endsWith(".ts") && { inject: ["codec-buffer.ts"] }),
    logLevel: "warning",
  });
  return outputFiles[0].text.trim();
}

function text(file) {
  return readFileSync(join(DASHBOARD, file), "utf8");
}
