/*
 * Makes what is shipped of the broker: dist/mqttd.js, one file for Node 20 and newer and for Bun with nothing beside it; the licences of
 * what is in it; and the same compressed, with the file that runs it, where the chart mounts them from.
 *
 *     node build.mjs            all of it
 *     node build.mjs OUTFILE    only the one file
 */
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { bundle } from "./shipping/bundle.mjs";
import { thirdPartyLicences } from "./shipping/licences.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
/** Those that mount it. */
const CHARTS = ["mqttd", "load-test"];

const [only] = process.argv.slice(2);
const { code, inputs } = await bundle();

if (only !== undefined) {
  write(only, code);
  chmodSync(only, 0o755);
} else {
  const bytes = Buffer.from(code);
  const compressed = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  const script = join(HERE, "dist/mqttd.js");
  write(script, bytes);
  chmodSync(script, 0o755);
  write(join(HERE, "dist/THIRD-PARTY-LICENSES.txt"), thirdPartyLicences(inputs));
  for (const chart of CHARTS) {
    write(join(HERE, "charts", chart, "files/mqttd.js.br"), compressed);
    copyFileSync(join(HERE, "shipping/mqttd.mjs"), join(HERE, "charts", chart, "files/mqttd.mjs"));
  }
  say("dist/mqttd.js", bytes);
  say(`charts/{${CHARTS}}/files/mqttd.js.br`, compressed);
}

function write(file, content) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function say(file, bytes) {
  console.log(`${file}  ${(bytes.length / 1_024).toFixed(1)} KiB  sha256 ${createHash("sha256").update(bytes).digest("hex")}`);
}
