import { writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { ask, startAdmin } from "../admin/support.js";
import { RecordingLog } from "../log/recording-log.js";
import { freePort } from "../support/free-port.js";
import { requireTool } from "../support/tools.js";
import { connect, startServer, testFolder } from "./support.js";

const INSTALL = "apt-get install prometheus-pushgateway";

describe("metrics that are pushed", () => {
  it("reach a pushgateway under their job and the broker's name", async (context) => {
    const gateway = requireTool(context, "prometheus-pushgateway", INSTALL);
    const gatewayPort = await freePort();
    await startServer(gateway, [`--web.listen-address=127.0.0.1:${gatewayPort}`, "--persistence.file="], gatewayPort, "/-/ready");
    const push = { url: `http://127.0.0.1:${gatewayPort}`, intervalSeconds: 1, job: "edge", grouping: { region: "eu", instance: "pod-1" } };
    const { port, clock } = await startAdmin({ settings: { metrics: { push } } });
    await connect(port);
    clock.advance(1_000);
    await vi.waitFor(
      async () => {
        const { text } = await ask(gatewayPort, "/metrics");
        expect(text).toContain('mqttd_clients_connected{instance="pod-1",job="edge",region="eu"} 1');
      },
      { timeout: 20_000, interval: 100 },
    );
  });

  it("are taken back when the broker stops, where the settings say so", async (context) => {
    const gateway = requireTool(context, "prometheus-pushgateway", INSTALL);
    const gatewayPort = await freePort();
    await startServer(gateway, [`--web.listen-address=127.0.0.1:${gatewayPort}`, "--persistence.file="], gatewayPort, "/-/ready");
    const push = { url: `http://127.0.0.1:${gatewayPort}`, intervalSeconds: 1, deleteOnStop: true };
    const { broker, clock } = await startAdmin({ settings: { metrics: { push } } });
    clock.advance(1_000);
    const pushed = async () => (await ask(gatewayPort, "/metrics")).text.includes("mqttd_clients_connected");
    await vi.waitFor(async () => expect(await pushed()).toBe(true), { timeout: 20_000, interval: 100 });
    await broker.stop();
    // The gateway says that it will, and then does.
    await vi.waitFor(async () => expect(await pushed()).toBe(false), { timeout: 20_000, interval: 100 });
  });

  it("go on being pushed while the gateway is away, and hold nobody up", async (context) => {
    const gateway = requireTool(context, "prometheus-pushgateway", INSTALL);
    const gatewayPort = await freePort();
    const log = new RecordingLog();
    const push = { url: `http://127.0.0.1:${gatewayPort}`, intervalSeconds: 1 };
    const { port, clock } = await startAdmin({ log, settings: { metrics: { push } } });
    clock.advance(1_000);
    await vi.waitFor(() => expect(log.messages).toContain("metrics could not be pushed, trying on"), { timeout: 20_000 });
    await connect(port);
    await startServer(gateway, [`--web.listen-address=127.0.0.1:${gatewayPort}`, "--persistence.file="], gatewayPort, "/-/ready");
    await vi.waitFor(
      async () => {
        clock.advance(1_000);
        expect((await ask(gatewayPort, "/metrics")).text).toContain("mqttd_clients_connected");
      },
      { timeout: 20_000, interval: 100 },
    );
  });

  it("go to a gateway with a user, whose password is in a file and in no log", async () => {
    const asked: (string | undefined)[] = [];
    const gateway = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.writeHead(401).end("no");
    });
    await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
    const { port: gatewayPort } = gateway.address() as { port: number };
    const passwordFile = join(testFolder(), "user");
    writeFileSync(passwordFile, "pusher:secret-word\n");
    const log = new RecordingLog();
    const push = { url: `http://127.0.0.1:${gatewayPort}`, intervalSeconds: 1, passwordFile };
    const { broker, clock } = await startAdmin({ log, settings: { metrics: { push } } });
    clock.advance(1_000);
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0), { timeout: 20_000 });
    await broker.stop();
    gateway.close();
    expect(asked[0]).toBe(`Basic ${Buffer.from("pusher:secret-word").toString("base64")}`);
    const said = log.lines.map(({ fields }) => String(fields.err)).join();
    expect(said).toContain("push failed with status 401");
    expect(said).not.toContain("secret-word");
  });

  it.each([
    ["stays silent in the middle of its answer", () => {}],
    ["goes away in the middle of its answer", (response: ServerResponse) => response.socket?.destroy()],
  ])("go on being pushed to a gateway that %s", async (_, stop) => {
    let asked = 0;
    const gateway = createServer((request, response) => {
      asked++;
      request.resume();
      response.writeHead(200, { "Content-Length": "10" });
      response.write("half", () => stop(response));
    });
    await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      gateway.closeAllConnections();
      gateway.close();
    });
    const { port: gatewayPort } = gateway.address() as { port: number };
    const log = new RecordingLog();
    const push = { url: `http://127.0.0.1:${gatewayPort}`, intervalSeconds: 1, timeoutSeconds: 1 };
    const { broker, clock } = await startAdmin({ log, settings: { metrics: { push } } });
    await vi.waitFor(
      () => {
        clock.advance(1_000);
        expect(asked).toBeGreaterThan(2);
      },
      { timeout: 20_000, interval: 100 },
    );
    await broker.stop();
    expect(log.messages).toContain("metrics could not be pushed, trying on");
  });
});
