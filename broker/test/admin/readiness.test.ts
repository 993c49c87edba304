import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { healthRoutes } from "../../src/admin/resources/health.js";
import { Broker } from "../../src/broker.js";
import { LocalBackplane } from "../../src/cluster/local-backplane.js";
import { configFrom } from "../../src/config/load-config.js";
import { openLog } from "../../src/log.js";
import { files } from "../config/problems-of.js";
import { ask } from "./support.js";

const TCP = { name: "tcp", host: "127.0.0.1", port: 0, transport: "tcp" };

function broker(settings: object, backplane = new LocalBackplane()): Broker {
  const config = configFrom({ listeners: [TCP], shutdownSeconds: 1, admin: { port: 0 }, ...settings }, files({}));
  const made = new Broker(config, { log: openLog({ level: "silent", format: "json" }), backplane });
  onTestFinished(() => made.stop());
  return made;
}

describe("/readyz", () => {
  it("says what the broker is about, from before the listeners are open until after they are closed", async () => {
    let joined = () => {};
    class SlowBackplane extends LocalBackplane {
      override start(): Promise<void> {
        return new Promise((resolve) => {
          joined = resolve;
        });
      }
    }
    const slow = broker({ drain: { delaySeconds: 1 } }, new SlowBackplane());
    const started = slow.start();
    while (slow.adminAddress === undefined) await new Promise((resolve) => setImmediate(resolve));
    const { port } = slow.adminAddress;
    expect(await ask(port, "/readyz")).toMatchObject({
      status: 503,
      json: { status: "starting", reason: expect.stringContaining("stored") },
    });
    expect((await ask(port, "/healthz")).status).toBe(200);
    joined();
    await started;
    expect((await ask(port, "/readyz")).status).toBe(200);
    const stopped = slow.stop();
    expect(await ask(port, "/readyz")).toMatchObject({ status: 503, json: { status: "draining" } });
    expect((await ask(port, "/api/v1/broker")).json).toMatchObject({ status: "draining" });
    await stopped;
    await expect(ask(port, "/healthz")).rejects.toThrow("ECONNREFUSED");
  });

  it("says that what clients send cannot be stored", () => {
    const [, ready] = healthRoutes(() => ({ readiness: "ready", failure: "what clients send cannot be stored" }));
    expect(ready!.handle({} as never)).toEqual({ status: 503, json: { status: "failing", reason: "what clients send cannot be stored" } });
  });
});

describe("an admin port that is taken", () => {
  it("keeps the broker from starting, with the setting and the remedy", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    await expect(broker({ admin: { port } }).start()).rejects.toThrow(/^admin port on 127\.0\.0\.1:\d+: .*name another by admin\.port/);
  });
});
