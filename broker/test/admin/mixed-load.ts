import mqtt, { type MqttClient } from "mqtt";
import { onTestFinished } from "vitest";
import { Random } from "../codec/random.js";

const TOPICS = ["t/0", "t/1", "t/2", "t/3/x", "nobody/hears"];
const FILTERS = ["t/0", "t/+", "t/#", "$share/g/t/#", "$share/h/t/1"];
const CLIENTS = 6;

/** Clients of both versions that do this and that, always the same for a seed; most of them stay, and some leave sessions behind. */
export async function mixedLoad(seed: number, ports: readonly number[], steps: number): Promise<void> {
  const random = new Random(seed);
  const connect = async (id: number): Promise<MqttClient> => {
    const protocolVersion = id % 2 === 0 ? 5 : 4;
    const properties = protocolVersion === 5 ? { properties: { sessionExpiryInterval: 86_400 } } : {};
    const options = { protocolVersion, clientId: `load-${id}`, clean: false, keepalive: 0, reconnectPeriod: 0, ...properties } as const;
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${ports[id % ports.length]}`, options);
    client.on("error", () => {}); // a session that is taken over
    onTestFinished(() => client.endAsync(true));
    return client;
  };
  const clients: MqttClient[] = [];
  for (let id = 0; id < CLIENTS; id++) clients.push(await connect(id));

  for (let step = 0; step < steps; step++) {
    const id = random.integer(0, CLIENTS - 1);
    const client = clients[id]!;
    switch (random.integer(0, 9)) {
      case 0:
      case 1:
        await client.subscribeAsync(random.pick(FILTERS), { qos: random.integer(0, 2) as 0 | 1 | 2 });
        break;
      case 2:
        await client.unsubscribeAsync(random.pick(FILTERS));
        break;
      case 3: {
        if (random.chance(2)) await client.endAsync();
        else await closed(client);
        await clients[(id + 1) % CLIENTS]!.publishAsync("t/1", "while it is away", { qos: 1 });
        clients[id] = await connect(id);
        break;
      }
      default: {
        const payload = "x".repeat(random.pick([0, 1, 100, 5_000]));
        const qos = random.integer(0, 2) as 0 | 1 | 2;
        await client.publishAsync(random.pick(TOPICS), payload, { qos, retain: random.chance(4) });
      }
    }
  }
  await closed(clients[0]!);
}

async function closed(client: MqttClient): Promise<void> {
  const gone = new Promise<void>((resolve) => client.once("close", () => resolve()));
  client.stream.destroy();
  await gone;
}
