import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestContext } from "vitest";
import { parseAllDocuments } from "yaml";
import { requireTool } from "../support/tools.js";
import { KUBERNETES_VERSIONS } from "./api-schemas.js";

export const CHARTS_FOLDER = resolve(import.meta.dirname, "../../charts");

/** Charts that carry the broker's program. */
const WITH_PROGRAM: readonly string[] = ["mqttd", "load-test"];

/** Values of a chart, part of them or all. */
export type Values = Readonly<Record<string, unknown>>;

/** An object of Kubernetes as it was rendered. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: tests look at any field of any kind, and fail where it is not there
  readonly [field: string]: any;
}

export interface HelmOptions {
  readonly values?: Values;
  /** Files of values, which `values` goes over. */
  readonly files?: readonly string[];
  /** @default the newest that the tests know */
  readonly kubernetes?: string;
  /** Further flags. */
  readonly more?: readonly string[];
}

/** The real helm, at the charts of this tree. */
export class Helm {
  readonly #program: string;
  readonly #context: TestContext;

  constructor(context: TestContext) {
    this.#context = context;
    this.#program = requireTool(context, "helm", "go install helm.sh/helm/v3/cmd/helm@v3.19.2");
  }

  /** What `helm template` prints for a release `x` in the namespace `mqtt`. */
  template(chart: string, options: HelmOptions = {}): string {
    const { status, stdout, stderr } = this.run("template", chart, options);
    if (status !== 0) throw new Error(stderr);
    return stdout;
  }

  /** The same as objects. */
  objects(chart: string, options: HelmOptions = {}): Rendered[] {
    return objectsOf(this.template(chart, options));
  }

  /** What helm would tell the user at the end. `helm template` leaves it out, so a ConfigMap of a copy carries it. */
  notes(chart: string, options: HelmOptions): string {
    const text = '{{ include (print $.Template.BasePath "/NOTES.txt") . | quote }}';
    writeFileSync(
      join(chart, "templates/notes.yaml"),
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: notes }\ndata:\n  text: ${text}\n`,
    );
    return one(this.objects(chart, options), "ConfigMap", "notes").data.text;
  }

  /** What helm says against the values. */
  refusal(chart: string, options: HelmOptions): string {
    const { status, stderr } = this.run("template", chart, options);
    if (status === 0) throw new Error(`helm took ${JSON.stringify(options.values)}`);
    return stderr;
  }

  run(command: "template" | "lint" | "package", chart: string, options: HelmOptions = {}) {
    const { values = {}, files = [], kubernetes = KUBERNETES_VERSIONS.at(-1)!, more = [] } = options;
    const args = command === "template" ? ["template", "x", chart, "--namespace", "mqtt"] : [command, chart];
    if (command !== "package") args.push("--kube-version", kubernetes);
    const input = [...files, join(this.folder(), "values.json")].flatMap((file) => ["--values", file]);
    writeFileSync(join(this.folder(), "values.json"), JSON.stringify(values));
    const all = [...args, ...(command === "package" ? [] : input), ...more];
    return spawnSync(this.#program, all, { encoding: "utf8", maxBuffer: 64 * 1_024 * 1_024 });
  }

  /** A copy of a chart, with the files of the broker that are given, or with some that only stand for them. */
  chart(name: string, brokerFiles?: string): string {
    const copy = join(this.folder(), name);
    cpSync(join(CHARTS_FOLDER, name), copy, { recursive: true, filter: (path) => !path.endsWith("/files") });
    if (!WITH_PROGRAM.includes(name)) return copy;
    if (brokerFiles) cpSync(brokerFiles, join(copy, "files"), { recursive: true });
    else {
      mkdirSync(join(copy, "files"), { recursive: true });
      writeFileSync(join(copy, "files/mqttd.mjs"), "// Runs what is beside it.\n");
      writeFileSync(join(copy, "files/mqttd.js.br"), "the broker");
    }
    return copy;
  }

  #folder: string | undefined;

  /** A folder that is there until the test ends. */
  folder(): string {
    if (this.#folder !== undefined) return this.#folder;
    const folder = mkdtempSync(join(tmpdir(), "mqttd-charts-"));
    this.#context.onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    this.#folder = folder;
    return folder;
  }
}

/** Sets of values that come with a chart: names, and files. */
export function valueSets(chart: string): readonly (readonly [name: string, file: string])[] {
  const folder = join(CHARTS_FOLDER, chart, "ci");
  return readdirSync(folder).map((file) => [file.replace("-values.yaml", ""), join(folder, file)] as const);
}

export function objectsOf(text: string): Rendered[] {
  return parseAllDocuments(text, { merge: true })
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);
}

/** The one object of a kind, and of a name where there are several. */
export function one(objects: readonly Rendered[], kind: string, name?: string): Rendered {
  const found = objects.filter((object) => object.kind === kind && (name === undefined || object.metadata.name === name));
  if (found.length !== 1) throw new Error(`${found.length} objects are a ${kind} ${name ?? ""}`);
  return found[0]!;
}
