import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { ShippedFiles } from "./shipped-files.js";

/** What the kubelet reads of a container. */
export interface Container {
  readonly name: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly resources: { readonly limits: { readonly memory: string } };
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: {
    readonly runAsUser: number;
    readonly runAsGroup: number;
    readonly sysctls?: readonly { readonly name: string; readonly value: string }[];
  };
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
}

/** A pod of the chart, as helm renders it, and the files that its volumes hold. */
export interface RenderedPod {
  readonly spec: PodSpec;
  /** Files of /etc/mqttd, by path. */
  readonly settings: Readonly<Record<string, string>>;
  /** Files of /opt/mqttd, by name. */
  readonly bundle: Readonly<Record<string, Buffer>>;
}

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template: { readonly spec: PodSpec } };
}

/** Has the real helm render the chart with what was built. `values` are as in its values.yaml. */
export function renderPod(helm: string, { broker }: ShippedFiles, values: object): RenderedPod {
  const text = execFileSync(helm, ["template", "mqttd", join(broker, "charts/mqttd"), "--kube-version", "1.34", "--values", "-"], {
    input: JSON.stringify(values),
    encoding: "utf8",
    maxBuffer: 16 * 1_048_576,
  });
  const objects = parseAllDocuments(text)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);
  const find = (kind: string, has: (object: Rendered) => boolean = () => true): Rendered => {
    const found = objects.find((object) => object.kind === kind && has(object));
    if (found === undefined) throw new Error(`the chart renders no such ${kind}`);
    return found;
  };
  const bundle = find("ConfigMap", ({ binaryData }) => binaryData !== undefined);
  const settings = find("ConfigMap", ({ data }) => data?.["mqttd.yaml"] !== undefined);
  const tokens = find("Secret", ({ data }) => data?.tokens !== undefined);
  return {
    spec: find("StatefulSet").spec!.template.spec,
    settings: { ...settings.data, "admin/tokens": Buffer.from(tokens.data!.tokens!, "base64").toString() },
    bundle: {
      ...Object.fromEntries(Object.entries(bundle.data ?? {}).map(([name, content]) => [name, Buffer.from(content)])),
      ...Object.fromEntries(Object.entries(bundle.binaryData!).map(([name, content]) => [name, Buffer.from(content, "base64")])),
    },
  };
}
