import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

const ROOT = resolve(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const DOCKERFILE = read("broker/Dockerfile");

interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  /** What follows FROM: a word in capitals and the rest of the line. */
  readonly steps: readonly (readonly [instruction: string, rest: string])[];
}

/** The stages of a Dockerfile of one line an instruction. */
function stagesOf(text: string): Stage[] {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const stages: { image: string; name: string | undefined; steps: (readonly [string, string])[] }[] = [];
  for (const line of lines) {
    const [, instruction = "", rest = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    const [, image = "", name] = instruction === "FROM" ? (/^(\S+)(?: AS (\S+))?$/.exec(rest) ?? []) : [];
    if (instruction === "FROM") stages.push({ image, name, steps: [] });
    else stages.at(-1)?.steps.push([instruction, rest]);
  }
  return stages;
}

const STAGES = stagesOf(DOCKERFILE);
const last = new Map(STAGES.at(-1)!.steps);

/** Does what the build stage does, in a folder; packages come from this tree instead of the registry. */
function build(folder: string): void {
  for (const [instruction, rest] of STAGES.find(({ name }) => name === "build")!.steps) {
    if (instruction === "COPY") {
      const words = rest.split(" ");
      const target = words.at(-1)!;
      for (const source of words.slice(0, -1)) {
        const to = target.endsWith("/") ? join(folder, target, source.split("/").at(-1)!) : join(folder, target);
        mkdirSync(dirname(to), { recursive: true });
        cpSync(join(ROOT, source), to, { recursive: true });
      }
    } else if (instruction === "RUN" && rest.startsWith("npm ci ")) symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    else if (instruction === "RUN") execFileSync("sh", ["-c", rest], { cwd: folder, stdio: "pipe" });
  }
}

describe("the Dockerfile", () => {
  it("makes the very file that the chart mounts", () => {
    const folder = mkdtempSync(join(tmpdir(), "mqttd-image-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    build(folder);
    const here = join(folder, "here.js");
    execFileSync("node", [join(ROOT, "broker/build.mjs"), here]);
    expect(readFileSync(join(folder, "image/opt/mqttd/mqttd.mjs")).equals(readFileSync(here))).toBe(true);
    expect(readFileSync(join(folder, "image/opt/mqttd/THIRD-PARTY-LICENSES.txt"), "utf8")).toContain("zod");
    expect(execFileSync("node", [join(folder, "image/opt/mqttd/mqttd.mjs"), "--version"], { encoding: "utf8" })).toMatch(/^\d/);
  });

  it("takes the runtimes of the chart, in versions that are exact and tested, without naming a registry", () => {
    const images = Object.fromEntries(STAGES.map(({ image, name }) => [name ?? "last", image]));
    const chart = read("broker/charts/mqttd/templates/_image.tpl");
    for (const runtime of ["bun", "node"]) {
      const [, repository, tag] = new RegExp(`^${runtime}: \\{ repository: (\\S+), tag: "(\\S+)" \\}$`, "m").exec(chart) ?? [];
      expect(images[runtime]).toBe(`${repository}:${tag}`);
    }
    expect(images.bun).toBe(`oven/bun:${JSON.parse(read("node_modules/bun/package.json")).version}`);
    expect(images.build).toBe(images.node);
    expect(images.last).toBe("${RUNTIME}");
    expect(DOCKERFILE).toContain("ARG RUNTIME=bun\n");
  });

  it("starts the broker as the chart does, as nobody in particular", () => {
    for (const runtime of ["bun", "node"]) {
      const stage = STAGES.find(({ name }) => name === runtime)!;
      expect(stage.steps).toEqual([["ENTRYPOINT", `["${runtime}", "/opt/mqttd/mqttd.mjs"]`]]);
    }
    expect(last.get("USER")).toBe("1000:1000");
    expect(read("broker/charts/mqttd/values.yaml")).toMatch(/runAsUser: 1000\n/);
    expect(last.get("HEALTHCHECK")).toBe("NONE");
  });

  it("has nothing sent to the build but what it copies", () => {
    const sent = read("broker/Dockerfile.dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1));
    const copied = STAGES.find(({ name }) => name === "build")!.steps.flatMap(([instruction, rest]) =>
      instruction === "COPY" ? rest.split(" ").slice(0, -1) : [],
    );
    expect([...sent].sort()).toEqual([...copied].sort());
  });
});
