/*
 * Runs the broker of mqttd.js.br, beside this file: `bun mqttd.mjs start`, `node mqttd.mjs doctor`. A ConfigMap holds no more than 1 MiB,
 * and a Helm release has to hold it twice, so it travels compressed. No runtime imports that, and source in a data: URL would stand in
 * every line of a stack trace: it is decompressed into the folder for temporary files, the one place that has to be writable.
 */
import { createHash, randomUUID } from "node:crypto";
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliDecompressSync } from "node:zlib";

await import(pathToFileURL(decompressed()).href);

/** Written anew each time: a file of that name may be somebody else's. One that is, and cannot be replaced, ends it here. */
function decompressed() {
  const code = brotliDecompressSync(readFileSync(new URL("mqttd.js.br", import.meta.url)));
  const file = join(tmpdir(), `mqttd-${createHash("sha256").update(code).digest("hex").slice(0, 16)}.mjs`);
  const unfinished = `${file}.${randomUUID()}`;
  try {
    writeFileSync(unfinished, code, { flag: "wx", mode: 0o600 });
    chmodSync(unfinished, 0o400);
    renameSync(unfinished, file);
    return file;
  } catch (error) {
    rmSync(unfinished, { force: true });
    console.error(
      `mqttd: the broker cannot be decompressed: ${error.message}; mount a writable folder (an emptyDir) at ${tmpdir()}, or name one in TMPDIR`,
    );
    process.exit(1);
  }
}
