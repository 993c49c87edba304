import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished, type TestContext } from "vitest";
import { makeCertificates } from "../support/certificates.js";
import { startBroker } from "../support/start-broker.js";
import { CHARTS_FOLDER, Helm, one } from "./helm.js";

const BUN = join(dirname(createRequire(import.meta.url).resolve("bun/package.json")), "bin/bun.exe");
const RUNTIMES = [
  ["node", "node"],
  ["bun", BUN],
] as const;

/** Runs what `helm test` runs in its pod, with that pod's environment. */
async function runTest(program: string, script: string, env: Readonly<Record<string, string>>) {
  const child = spawn(program, ["-e", script], { env: { PATH: process.env.PATH, ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const [code] = await once(child, "close");
  return { code, output };
}

describe.each(RUNTIMES)("helm test on %s", (_, program) => {
  it("is content with a broker that is ready and answers, with and without TLS and PROXY headers", async (context) => {
    const { server } = makeCertificates(context);
    for (const proxyProtocol of [false, true]) {
      const { ports } = await startBroker({
        settings: {
          listeners: [
            { name: "mqtt", port: 0, proxyProtocol },
            { name: "mqtts", port: 0, transport: "tls", proxyProtocol, tls: { certFile: server.certFile, keyFile: server.keyFile } },
          ],
        },
      });
      const { code, output } = await runTest(program, script(context), {
        READY_URL: await readyUrl(200),
        MQTT_ADDRESS: `127.0.0.1:${ports.mqtt}`,
        MQTTS_ADDRESS: `127.0.0.1:${ports.mqtts}`,
        PROXY_PROTOCOL: `${proxyProtocol}`,
      });
      expect(output.match(/answers CONNECT with 20020000/g), output).toHaveLength(2);
      expect(code).toBe(0);
    }
  });

  it("says what is wrong with one that is not ready, not there, or no broker", async (context) => {
    const { port } = await startBroker();
    const fine = { MQTT_ADDRESS: `127.0.0.1:${port}`, READY_URL: await readyUrl(200) };
    const other = createTcpServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await once(other, "listening");
    const cases = [
      [{ READY_URL: await readyUrl(503) }, "503 draining"],
      [{ MQTT_ADDRESS: "127.0.0.1:1" }, "127.0.0.1:1: "],
      [{ MQTT_ADDRESS: `127.0.0.1:${(other.address() as AddressInfo).port}` }, "which is no CONNACK"],
      [{ PROXY_PROTOCOL: "true" }, "closes without an answer"],
    ] as const;
    for (const [wrong, words] of cases) {
      const { code, output } = await runTest(program, script(context), { ...fine, ...wrong });
      expect(output).toContain(words);
      expect(code).toBe(1);
    }
  });
});

it("helm test asks for the listeners that are on, through the Services of the release", (context) => {
  const helm = new Helm(context);
  const values = { auth: { allowAnonymous: true }, cloud: "aws", service: { type: "LoadBalancer" } };
  const { env } = one(helm.objects(helm.chart("mqttd"), { values }), "Pod").spec.containers[0];
  expect(env).toEqual([
    { name: "READY_URL", value: "http://x-mqttd-admin:18083/readyz" },
    { name: "MQTT_ADDRESS", value: "x-mqttd-headless:1883" },
    { name: "PROXY_PROTOCOL", value: "true" },
  ]);
});

/** The script as it comes out of the template, indentation and all. */
function script(context: TestContext): string {
  const helm = new Helm(context);
  const pod = one(
    helm.objects(join(CHARTS_FOLDER, "mqttd"), {
      values: { auth: { allowAnonymous: true }, bundle: { enabled: false }, image: { repository: "mqttd", tag: "1" } },
    }),
    "Pod",
  );
  return pod.spec.containers[0].args[0];
}

/** An admin port that answers so. */
async function readyUrl(status: number): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end(status === 200 ? "ready" : "draining")).listen(
    0,
    "127.0.0.1",
  );
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/readyz`;
}
