import * as z from "zod";
import { flag, handedThrough, list, resources, section } from "../kinds.js";

const SYSCTL_OR_CHECK = /^[A-Za-z0-9_.-]+$/;

/** The node pool's tuning, and its proof. */
export const tuningValues = {
  plan: handedThrough(
    "Tuning plan of the node pool (broker/src/doctor/plan-file.ts), as the releases of cdktf-broker-pools fill it in. The doctor compares it with what is in force",
  ),
  doctor: section("mqttd doctor, which looks at kernel, limits, memory, NATS and clock before the broker starts", {
    enabled: flag("Whether it runs as an init container and in helm test", true),
    failClosed: flag(
      "Whether a pod in which something falls short that the plan requires does not start; otherwise it is only said in its log",
      true,
    ),
    require: list("Checks or keys that are a must too, for example nats or clock", z.string().regex(SYSCTL_OR_CHECK), [], ["nats"]),
    skip: list("Checks or keys that are left out", z.string().regex(SYSCTL_OR_CHECK)),
  }),
  helmTest: section("The pod of helm test", {
    resources: resources("Resources of its containers", {
      requests: { cpu: "50m", memory: "128Mi" },
      limits: { memory: "256Mi" },
    }),
  }),
};
