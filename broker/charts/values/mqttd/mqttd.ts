import * as z from "zod";
import { map, matching, text, texts } from "../kinds.js";
import { brokerValues } from "./broker.js";
import { imageValues } from "./image.js";
import { podValues } from "./pod.js";
import { serviceValues } from "./service.js";
import { tuningValues } from "./tuning.js";

const NAME = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$/;

/** Helm gives a chart that others depend on their globals too, so these are not strict. */
const globals = z
  .looseObject({
    imageRegistry: text("Host of a registry that mirrors all images"),
    imagePullSecrets: texts("Names of Secrets to pull with"),
    storageClass: text("Class of disks"),
  })
  .meta({ description: "Values that charts share" })
  .prefault({});

/** Every value of the chart `mqttd`. */
export const MqttdValues = z.strictObject({
  global: globals,
  nameOverride: matching("Replaces the chart's name in names and labels", NAME),
  fullnameOverride: matching("Replaces the whole name", NAME),
  clusterDomain: text("Domain of the cluster", "cluster.local"),
  commonLabels: map("Labels of every object"),
  commonAnnotations: map("Annotations of every object"),
  ...imageValues,
  ...brokerValues,
  ...serviceValues,
  ...tuningValues,
  ...podValues,
});
