import { onTestFinished, type TestContext } from "vitest";
import { SYSTEM_CLOCK } from "../../../src/clock.js";
import { ClusterStore } from "../../../src/cluster/nats/cluster-store.js";
import type { NatsBackplane, NatsBackplaneOptions } from "../../../src/cluster/nats/nats-backplane.js";
import { NatsEngine } from "../../../src/cluster/nats/nats-engine.js";
import { NatsRetainedStore } from "../../../src/cluster/nats/nats-retained-store.js";
import { type NatsServer, startNatsServer } from "../../support/nats-server.js";
import { startBroker, type TestBroker } from "../../support/start-broker.js";
import { natsBackplane, SILENT } from "./test-backplane.js";

export interface ClusterBroker extends TestBroker {
  readonly backplane: NatsBackplane;
  readonly store: ClusterStore;
  readonly retained: NatsRetainedStore;
  readonly engine: NatsEngine;
  /** Ends its connection to NATS without a word to anyone, as the end of its process does. */
  die(): Promise<void>;
}

/** Whole brokers in this process that find each other through a real nats-server. */
export class TestCluster {
  readonly server: NatsServer;

  private constructor(server: NatsServer) {
    this.server = server;
  }

  static async start(context: TestContext): Promise<TestCluster> {
    return new TestCluster(await startNatsServer(context));
  }

  async broker(
    options: Partial<NatsBackplaneOptions> = {},
    settings: Readonly<Record<string, unknown>> = {},
    url = this.server.url,
    memoryBytes = 1_048_576,
  ): Promise<ClusterBroker> {
    let engine: NatsEngine | undefined;
    const connect = async (name: string) => {
      engine = await NatsEngine.connect({
        servers: [url],
        credentials: undefined,
        tls: undefined,
        name,
        inboxPrefix: "mqttd.test.i",
        log: SILENT,
      });
      return engine;
    };
    const { storage = "file" } = options;
    const retained = new NatsRetainedStore({
      clock: SYSTEM_CLOCK,
      log: SILENT,
      storage,
      replicas: 1,
      memoryBytes,
      standing: () => backplane.standing,
    });
    const store = new ClusterStore({ log: SILENT, before: () => retained.commit() });
    const backplane: NatsBackplane = natsBackplane([url], {
      connect,
      store,
      storage,
      deadAfterSeconds: 2,
      load: (...parts) => retained.load(...parts),
      catchUp: () => retained.catchUp(),
      stored: () => retained.writing,
      ...options,
    });
    const { sessions, messages } = store;
    let isDead = false;
    const started = await startBroker({ backplane, retained, sessions, messages, settings, isDead: () => isDead });
    const die = () => {
      isDead = true;
      return engine!.close();
    };
    return { ...started, backplane, store, retained, engine: engine!, die };
  }

  /** A way to look at what is in the streams. */
  async engine(): Promise<NatsEngine> {
    const options = { servers: [this.server.url], credentials: undefined, tls: undefined };
    const engine = await NatsEngine.connect({ ...options, name: "witness", inboxPrefix: "mqttd.test.i", log: SILENT });
    onTestFinished(() => engine.close());
    return engine;
  }

  brokers(count: number, options: Partial<NatsBackplaneOptions> = {}): Promise<ClusterBroker[]> {
    return Promise.all(Array.from({ length: count }, () => this.broker(options)));
  }
}
