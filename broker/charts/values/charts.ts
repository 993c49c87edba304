import type * as z from "zod";
import { LoadTestValues } from "./load-test.js";
import { MqttdValues } from "./mqttd/mqttd.js";
import { NamespaceValues } from "./namespace.js";

/** A chart whose values are described here. */
export interface Chart {
  readonly name: string;
  /** First line of its values.yaml. */
  readonly title: string;
  readonly values: z.ZodObject;
}

export const CHARTS: readonly Chart[] = [
  { name: "mqttd", title: "The MQTT broker mqttd: one broker, or many that NATS JetStream joins.", values: MqttdValues },
  {
    name: "namespace",
    title: "A namespace whose Pod Security Admission admits what its pods need, and no more.",
    values: NamespaceValues,
  },
  { name: "load-test", title: "Load tests with mqttd bench: a Job for each scenario, many pods each.", values: LoadTestValues },
];
