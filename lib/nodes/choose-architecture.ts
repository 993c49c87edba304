import { Token } from "cdktf";
import type { IConstruct } from "constructs";
import { InvalidPropsError } from "../errors";
import type { Architecture } from "./broker-node-pool";

interface MachineChoice {
  readonly machineType: string;
  /** As the caller stated it, if at all. */
  readonly architecture?: Architecture;
  readonly read: (machineType: string) => Architecture | undefined;
  /** A machine type to show as an example. */
  readonly example: string;
}

/**
 * The architecture of a machine type, checked against what the caller stated.
 *
 * @throws InvalidPropsError when the type is empty or not one of the cloud's, or contradicts the stated architecture
 */
export function chooseArchitecture(pool: IConstruct, { machineType, architecture, read, example }: MachineChoice): Architecture {
  if (Token.isUnresolved(machineType)) {
    if (architecture) return architecture;
    throw new InvalidPropsError(pool, "architecture", "must be stated ('amd64' or 'arm64') when machineType is only known at deploy time");
  }
  const actual = read(machineType);
  if (!actual)
    throw new InvalidPropsError(pool, "machineType", `is '${machineType}'; write a machine type of this cloud, for example '${example}'`);
  if (architecture && architecture !== actual) {
    throw new InvalidPropsError(
      pool,
      "architecture",
      `is '${architecture}', but machineType '${machineType}' is ${actual}; drop one of the two`,
    );
  }
  return actual;
}
