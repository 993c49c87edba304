import { flag, handedThrough, resources, section } from "../kinds.js";

/** The node pool's tuning, and its proof. */
export const tuningValues = {
  plan: handedThrough(
    "Tuning plan of the node pool (broker/src/doctor/plan-file.ts), as the releases of cdktf-broker-pools fill it in. The doctor compares it with what is in force",
  ),
  doctor: section("mqttd doctor, run in every pod before the broker; only with a plan", {
    enabled: flag("Whether it runs as an init container and in helm test", true),
    failClosed: flag("Whether a pod in which a required key falls short does not start; otherwise it is only said in its log", true),
    resources: resources("Resources of the doctor", {
      requests: { cpu: "50m", memory: "128Mi" },
      limits: { memory: "256Mi" },
    }),
  }),
};
