import { Token } from "cdktf";
import type { IConstruct } from "constructs";
import { InvalidPropsError } from "../../errors";
import { checkApart, checkCidr } from "../cidr";
import type { EksClusterProps } from "./eks-cluster-props";
import { DEFAULT_CIDR } from "./eks-network";

const NAME = /^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$/;

/** From the CloudWatch Logs API, PutRetentionPolicy. */
const RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/** Props with the defaults that the checks depend on. */
type CheckedProps = EksClusterProps & Required<Pick<EksClusterProps, "serviceCidr" | "publicAccessCidrs" | "logRetentionDays">>;

/**
 * Everything about a cluster's props that can be known to be wrong before AWS is asked; the network checks its own.
 *
 * @throws InvalidPropsError
 */
export function checkEksCluster(construct: IConstruct, props: CheckedProps): void {
  const { name, subnetIds, serviceCidr, publicAccessCidrs, logRetentionDays } = props;

  if (!Token.isUnresolved(name) && !NAME.test(name)) {
    throw new InvalidPropsError(
      construct,
      "name",
      `must be 1 to 100 letters, digits, - and _, beginning with a letter or digit, got '${name}'`,
    );
  }
  if (subnetIds) checkGivenSubnets(construct, subnetIds, props);
  checkCidr(construct, "serviceCidr", serviceCidr, { shortest: 12, longest: 24 });
  if (!subnetIds) checkApart(construct, { cidr: props.cidr ?? DEFAULT_CIDR, serviceCidr });
  for (const cidr of publicAccessCidrs) checkCidr(construct, "publicAccessCidrs", cidr, { shortest: 0, longest: 32 });
  if (!Token.isUnresolved(logRetentionDays) && !RETENTION_DAYS.includes(logRetentionDays)) {
    throw new InvalidPropsError(construct, "logRetentionDays", `must be one of ${RETENTION_DAYS.join(", ")}, got ${logRetentionDays}`);
  }
}

function checkGivenSubnets(construct: IConstruct, subnetIds: readonly string[], props: EksClusterProps): void {
  for (const prop of ["cidr", "zones", "natGateways"] as const) {
    if (props[prop] === undefined) continue;
    throw new InvalidPropsError(
      construct,
      prop,
      "describes a new network, but 'subnetIds' names one that exists; leave one of the two out",
    );
  }
  if (!Token.isUnresolved(subnetIds) && subnetIds.length < 2) {
    throw new InvalidPropsError(construct, "subnetIds", `must name subnets in two zones at least, got ${subnetIds.length}`);
  }
}
