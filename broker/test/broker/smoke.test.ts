import mqtt from "mqtt";
import { expect, it } from "vitest";
import { startBroker } from "../support/start-broker.js";

for (const protocolVersion of [4, 5] as const)
  for (const qos of [0, 1, 2] as const) {
    it(`delivers at QoS ${qos} with MQTT.js, version ${protocolVersion}`, async () => {
      const { port } = await startBroker();
      const sub = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion });
      const pub = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion });
      await sub.subscribeAsync("a/#", { qos });
      const got: string[] = [];
      const done = new Promise<void>((resolve) =>
        sub.on("message", (topic, payload) => {
          got.push(`${topic}=${payload.toString()}`);
          if (got.length === 200) resolve();
        }),
      );
      await Promise.all(Array.from({ length: 200 }, (_, i) => pub.publishAsync(`a/${i % 3}`, `m${i}`, { qos })));
      await done;
      expect(got).toEqual(Array.from({ length: 200 }, (_, i) => `a/${i % 3}=m${i}`));
      await sub.endAsync();
      await pub.endAsync();
    });
  }
