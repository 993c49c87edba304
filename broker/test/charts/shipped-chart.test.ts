import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { parse, stringify } from "yaml";
import { buildShippedFiles, type ShippedFiles } from "../shipping/shipped-files.js";
import { makeCertificates } from "../support/certificates.js";
import { makeCredentials } from "../support/nats-users.js";
import { passwordFile } from "../support/password-files.js";
import { Helm, one, type Rendered, valueSets } from "./helm.js";

/** What etcd takes of one object, and Kubernetes' API of one Secret. */
const MOST_BYTES_OF_A_SECRET = 1_048_576;
const BUN = join(dirname(createRequire(import.meta.url).resolve("bun/package.json")), "bin/bun.exe");

let shipped: ShippedFiles;
beforeAll(() => {
  shipped = buildShippedFiles();
});
afterAll(() => shipped.dispose());

describe("a release of the chart mqttd with the real broker in it", () => {
  it.for(valueSets("mqttd"))("fits into the Secret that Helm keeps it in, with the values %s", ([, file], context: TestContext) => {
    const helm = new Helm(context);
    const chart = helm.chart("mqttd", shipped.chartFiles);
    const values = parse(readFileSync(file, "utf8"));
    const manifest = helm.template(chart, { files: [file] });
    const bytes = storedRelease(chart, manifest, values).length;
    console.log(`${file.split("/").at(-1)}: ${bytes} of ${MOST_BYTES_OF_A_SECRET} bytes`);
    expect(bytes).toBeGreaterThan(
      1.5 * statSync(join(shipped.chartFiles, "mqttd.js.br")).size * (manifest.includes("mqttd.js.br") ? 1 : 0.5),
    );
    expect(bytes).toBeLessThan(0.9 * MOST_BYTES_OF_A_SECRET);
  });

  it.for(valueSets("mqttd"))("has settings that mqttd config check takes, with the values %s", async ([, file], context: TestContext) => {
    const helm = new Helm(context);
    const objects = helm.objects(helm.chart("mqttd", shipped.chartFiles), { files: [file] });
    const root = join(helm.folder(), "root");
    await writeConfigVolume(context, objects, root);
    const { command, env = [] } = one(objects, "StatefulSet").spec.template.spec.containers[0];
    const program = command[0] === "bun" ? BUN : "node";
    const { status, stdout, stderr } = spawnSync(
      program,
      [join(shipped.chartFiles, "mqttd.mjs"), "config", "check", "--config", join(root, "etc/mqttd/mqttd.yaml")],
      {
        encoding: "utf8",
        env: {
          ...Object.fromEntries(env.map(({ name, value }: Record<string, string>) => [name, value])),
          PATH: process.env.PATH,
          TMPDIR: helm.folder(),
        },
      },
    );
    expect(stderr).toBe("");
    expect(status).toBe(0);
    for (const { name } of parse(one(objects, "ConfigMap", `${fullname(objects)}`).data["mqttd.yaml"]).listeners)
      expect(stdout).toContain(name);
  });
});

/** As Helm stores a release: JSON with the chart's files in base64, compressed, in base64 (pkg/storage/driver/util.go); a Secret has that in base64 again, which the limit does not count. */
function storedRelease(chart: string, manifest: string, config: unknown): string {
  const files = filesOf(chart).map((name) => ({ name, data: readFileSync(join(chart, name)).toString("base64") }));
  const inFolder = (folder: string, is: boolean) => files.filter(({ name }) => name.startsWith(folder) === is);
  const release = {
    name: "x",
    info: { status: "deployed", notes: readFileSync(join(chart, "templates/NOTES.txt"), "utf8") },
    chart: {
      metadata: parse(readFileSync(join(chart, "Chart.yaml"), "utf8")),
      templates: inFolder("templates/", true),
      files: inFolder("templates/", false).filter(({ name }) => !["Chart.yaml", "values.yaml", "values.schema.json"].includes(name)),
      values: parse(readFileSync(join(chart, "values.yaml"), "utf8")),
      schema: readFileSync(join(chart, "values.schema.json")).toString("base64"),
    },
    config,
    manifest,
    version: 1,
    namespace: "mqtt",
  };
  return gzipSync(JSON.stringify(release), { level: 9 }).toString("base64");
}

/** What Helm reads of a chart: all but what .helmignore names. */
function filesOf(chart: string): string[] {
  const ignored = readFileSync(join(chart, ".helmignore"), "utf8").trim().split("\n");
  return readdirSync(chart, { recursive: true, encoding: "utf8" }).filter(
    (name) => statSync(join(chart, name)).isFile() && !ignored.some((one) => name === one || name.startsWith(one)),
  );
}

/** Makes what the kubelet would mount at /etc/mqttd, below `root`, with Secrets that the chart takes as given made up. */
async function writeConfigVolume(context: TestContext, objects: readonly Rendered[], root: string): Promise<void> {
  const { certFile, keyFile } = makeCertificates(context).server;
  const authority = makeCertificates(context).ca.certFile;
  const given: Record<string, () => Promise<string> | string> = {
    "admin/tokens": () => "admin 0123456789abcdef someone\n",
    "auth/users": async () => readFileSync(await passwordFile({ users: { alice: "correct horse" } }), "utf8"),
    "tls/tls.crt": () => readFileSync(certFile, "utf8"),
    "tls/tls.key": () => readFileSync(keyFile, "utf8"),
    "tls/client-ca.crt": () => readFileSync(authority, "utf8"),
    "pushgateway/user": () => "mqttd:secret\n",
    "pushgateway/ca.crt": () => readFileSync(authority, "utf8"),
    "nats/user": () => (objects.some(({ kind }) => kind === "HorizontalPodAutoscaler") ? "mqttd:secret\n" : makeCredentials().credentials),
    "nats/ca.crt": () => readFileSync(authority, "utf8"),
    "nats/tls.crt": () => readFileSync(certFile, "utf8"),
    "nats/tls.key": () => readFileSync(keyFile, "utf8"),
  };
  for (const { configMap, secret } of one(objects, "StatefulSet").spec.template.spec.volumes[0].projected.sources) {
    for (const { key, path } of (configMap ?? secret).items) {
      const text = configMap
        ? one(objects, "ConfigMap", configMap.name).data[key]
        : await (secretText(objects, secret.name, key) ?? given[path]!());
      const file = join(root, "etc/mqttd", path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, path === "mqttd.yaml" ? elsewhere(text, root) : text);
    }
  }
  expect(existsSync(join(root, "etc/mqttd/mqttd.yaml"))).toBe(true);
}

function secretText(objects: readonly Rendered[], name: string, key: string): string | undefined {
  const secret = objects.find(({ kind, metadata }) => kind === "Secret" && metadata.name === name);
  return secret && Buffer.from(secret.data[key], "base64").toString();
}

/** The settings with the pod's folders below `root`. */
function elsewhere(settings: string, root: string): string {
  const moved = (value: unknown) => (typeof value === "string" && /^\/(etc|var)\//.test(value) ? join(root, value) : value);
  return stringify(JSON.parse(JSON.stringify(parse(settings), (_, value) => moved(value))));
}

function fullname(objects: readonly Rendered[]): string {
  return one(objects, "StatefulSet").metadata.name;
}
