import type { TestContext } from "vitest";
import type { Engine, EngineState } from "../../../src/cluster/nats/engine.js";
import { NatsEngine, type NatsEngineOptions } from "../../../src/cluster/nats/nats-engine.js";
import { openLog } from "../../../src/log.js";
import type { NatsServer } from "../../support/nats-server.js";

export const SILENT = openLog({ level: "silent", format: "json" });

/** An engine that is closed when the test is over. */
export async function engineAt(
  context: TestContext,
  servers: readonly NatsServer[] | string,
  more: Partial<NatsEngineOptions> = {},
): Promise<NatsEngine> {
  const urls = typeof servers === "string" ? [servers] : servers.map(({ url }) => url);
  const engine = await NatsEngine.connect({
    servers: urls,
    credentials: undefined,
    tls: undefined,
    name: "test",
    inboxPrefix: "mqttd.test.i",
    log: SILENT,
    firstConnectMs: 1_000,
    silentMs: 1_500,
    setupMs: 500,
    ...more,
  });
  context.onTestFinished(() => engine.close());
  return engine;
}

/** Resolves when the engine is connected, or is not. */
export function untilConnected(engine: Engine, isConnected: boolean): Promise<EngineState> {
  return new Promise((resolve) => {
    if (engine.state.isConnected === isConnected) resolve(engine.state);
    const stop = engine.onState((state) => {
      if (state.isConnected !== isConnected) return;
      stop();
      resolve(state);
    });
  });
}

export const bytesOf = (text: string) => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);
