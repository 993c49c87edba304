import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliDecompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildShippedFiles, type ShippedFiles } from "./shipped-files.js";

const BROKER = resolve(import.meta.dirname, "../..");
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

let shipped: ShippedFiles;
let bundle: Buffer;
let compressed: Buffer;

beforeAll(() => {
  shipped = buildShippedFiles();
  bundle = readFileSync(shipped.bundle);
  compressed = readFileSync(join(shipped.chartFiles, "mqttd.js.br"));
});
afterAll(() => shipped.dispose());

describe("what is shipped", () => {
  it("is the same bytes when it is built again, and in another folder", () => {
    const here = join(shipped.broker, "here.js");
    execFileSync("node", [join(BROKER, "build.mjs"), here]);
    expect(readFileSync(here).equals(bundle)).toBe(true);
    const again = buildShippedFiles();
    expect(readFileSync(join(again.chartFiles, "mqttd.js.br")).equals(compressed)).toBe(true);
    expect(readFileSync(again.licences).equals(readFileSync(shipped.licences))).toBe(true);
    again.dispose();
  });

  it("is one broker, whole and compressed, whose checksums the build prints", () => {
    expect(brotliDecompressSync(compressed).equals(bundle)).toBe(true);
    expect(shipped.printed).toContain(sha256(bundle));
    expect(shipped.printed).toContain(sha256(compressed));
  });

  it("fits where Kubernetes and Helm keep it, 1 MiB each", () => {
    const limit = 1_048_576;
    expect(compressed.length).toBeLessThan(350 * 1_024);
    expect(compressed.toString("base64").length).toBeLessThan(limit);
    // Helm keeps a release as JSON in gzip in base64, and in it the chart's file and the manifest made of it, each in base64 (storage/driver/util.go).
    // A tenth of that Secret is left to templates, values and the other objects.
    const inBase64 = compressed.toString("base64");
    const release = gzipSync(JSON.stringify({ files: [{ data: inBase64 }], manifest: `  mqttd.js.br: ${inBase64}` }), { level: 9 });
    expect(release.toString("base64").length).toBeLessThan(0.9 * limit);
  });

  it("names the licence of each package that is in it", () => {
    const licences = readFileSync(shipped.licences, "utf8");
    const { dependencies } = JSON.parse(readFileSync(join(BROKER, "package.json"), "utf8")) as { dependencies: Record<string, string> };
    for (const name of ["zod", "pino", "commander", "yaml", "jose", "@nats-io/transport-node"]) {
      expect(Object.keys(dependencies)).toContain(name);
      expect(licences).toMatch(new RegExp(`^${name} \\d\\S* \\(\\S+\\)$`, "m"));
    }
    expect(licences).toContain("Permission is hereby granted, free of charge");
    expect(licences).not.toContain("esbuild");
    expect(bundle.includes("Permission is hereby granted")).toBe(false);
  });

  it("keeps the names of functions and classes, for stack traces and for errors in the log", () => {
    expect(/\bConfigError=class extends Error\b/.test(bundle.toString("utf8"))).toBe(true);
    expect(/\bfunction parsePasswordHash\b/.test(bundle.toString("utf8"))).toBe(true);
  });
});
