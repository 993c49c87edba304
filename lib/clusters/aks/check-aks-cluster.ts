import { Token } from "cdktf";
import type { IConstruct } from "constructs";
import { InvalidPropsError } from "../../errors";
import { checkApart, checkCidr } from "../cidr";
import type { AksClusterProps, AksMaintenanceWindow } from "./aks-cluster-props";
import { DEFAULT_CIDR } from "./aks-network";

/** Both from azurerm 4.55.0, website/docs/r/kubernetes_cluster.html.markdown, and Azure's naming rules. */
const NAME = /^[0-9A-Za-z](?:[-\w]{0,61}[0-9A-Za-z])?$/;
const DNS_PREFIX = /^[0-9A-Za-z](?:[-0-9A-Za-z]{0,52}[0-9A-Za-z])?$/;

/** Props with the defaults that the checks depend on. */
type CheckedProps = AksClusterProps &
  Required<Pick<AksClusterProps, "zones" | "dnsPrefix" | "podCidr" | "serviceCidr" | "maintenanceWindow">>;

/**
 * Everything about a cluster's props that can be known to be wrong before Azure is asked; the network checks its own.
 *
 * @throws InvalidPropsError
 */
export function checkAksCluster(construct: IConstruct, props: CheckedProps): void {
  const { name, dnsPrefix, zones, subnetId, podCidr, serviceCidr, publicAccessCidrs = [], maintenanceWindow } = props;

  if (!Token.isUnresolved(name) && !NAME.test(name)) {
    const rule = "must be 1 to 63 letters, digits, - and _, beginning and ending with a letter or digit";
    throw new InvalidPropsError(construct, "name", `${rule}, got '${name}'`);
  }
  if (!Token.isUnresolved(dnsPrefix) && !DNS_PREFIX.test(dnsPrefix)) {
    const rule = "must be 1 to 54 letters, digits and -, beginning and ending with a letter or digit";
    throw new InvalidPropsError(construct, "dnsPrefix", `${rule}, got '${dnsPrefix}'`);
  }
  checkZones(construct, zones);
  checkCidr(construct, "podCidr", podCidr, { shortest: 8, longest: 24 });
  checkCidr(construct, "serviceCidr", serviceCidr, { shortest: 12, longest: 28 });
  if (subnetId === undefined) {
    checkApart(construct, { cidr: props.cidr ?? DEFAULT_CIDR, podCidr, serviceCidr });
  } else {
    checkGivenSubnet(construct, props);
    checkApart(construct, { podCidr, serviceCidr });
  }
  for (const cidr of publicAccessCidrs) checkCidr(construct, "publicAccessCidrs", cidr, { shortest: 0, longest: 32 });
  if (props.adminGroupObjectIds?.length === 0) {
    throw new InvalidPropsError(
      construct,
      "adminGroupObjectIds",
      "must name a group at least, got none: nobody could sign in; leave it out",
    );
  }
  checkWindow(construct, maintenanceWindow);
}

function checkZones(construct: IConstruct, zones: readonly string[]): void {
  if (Token.isUnresolved(zones)) return;
  if (zones.length === 0) throw new InvalidPropsError(construct, "zones", `must name a zone at least, got none; write ["1", "2", "3"]`);
  const wrong = zones.find((zone, index) => !Token.isUnresolved(zone) && (!/^[123]$/.test(zone) || zones.indexOf(zone) !== index));
  if (wrong !== undefined) throw new InvalidPropsError(construct, "zones", `must name each of "1", "2", "3" once at most, got '${wrong}'`);
}

function checkGivenSubnet(construct: IConstruct, { cidr, resourceGroupName }: AksClusterProps): void {
  if (cidr !== undefined) {
    throw new InvalidPropsError(
      construct,
      "cidr",
      "describes a new network, but 'subnetId' names one that exists; leave one of the two out",
    );
  }
  if (resourceGroupName === undefined) {
    throw new InvalidPropsError(
      construct,
      "resourceGroupName",
      "must be stated with 'subnetId': no network is made that would bring a group",
    );
  }
}

function checkWindow(construct: IConstruct, { startTime, hours }: AksMaintenanceWindow): void {
  if (!Token.isUnresolved(startTime) && !/^(?:[01]\d|2[0-3]):[0-5]\d$/.test(startTime)) {
    throw new InvalidPropsError(construct, "maintenanceWindow.startTime", `must be hours and minutes such as 02:00, got '${startTime}'`);
  }
  if (!Token.isUnresolved(hours) && !(Number.isInteger(hours) && hours >= 4 && hours <= 24)) {
    throw new InvalidPropsError(construct, "maintenanceWindow.hours", `must be a whole number from 4 to 24, got ${hours}`);
  }
}
