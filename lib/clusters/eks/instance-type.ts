import type { Architecture } from "../../nodes/broker-node-pool";

/** Family, generation and attributes: `m7g.large` is m, 7, g (docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html). */
const INSTANCE_TYPE = /^([a-z]+)(\d+)([a-z-]*)\d*[a-z]*\.[a-z0-9-]+$/;

/** Architecture of an EC2 instance type: `g` after the generation means Graviton. Undefined when the text is no instance type. */
export function instanceArchitecture(instanceType: string): Architecture | undefined {
  if (/^u[0-9a-z-]*\.[a-z0-9-]+$/.test(instanceType)) return "amd64";
  const match = INSTANCE_TYPE.exec(instanceType);
  if (!match) return undefined;
  const [, family, generation, attributes = ""] = match;
  const isGraviton = attributes.includes("g") || (family === "a" && generation === "1");
  return isGraviton ? "arm64" : "amd64";
}
