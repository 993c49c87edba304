import { Token } from "cdktf";
import type { IConstruct } from "constructs";
import { InvalidPropsError } from "../../errors";
import { checkApart, checkCidr } from "../cidr";
import type { GkeClusterProps } from "./gke-cluster-props";
import { DEFAULT_CIDRS } from "./gke-network";

const NAME = /^[a-z](?:[-a-z0-9]{0,38}[a-z0-9])?$/;

/** cloud.google.com/resource-manager/docs/labels-overview: lower case, where the alphabet has cases. */
const LABEL_KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;

/** Props with the defaults that the checks depend on. */
type CheckedProps = GkeClusterProps & Required<Pick<GkeClusterProps, "controlPlaneCidr" | "tags">>;

/**
 * Everything about a cluster's props that can be known to be wrong before Google is asked; the network checks its own.
 *
 * @throws InvalidPropsError
 */
export function checkGkeCluster(construct: IConstruct, props: CheckedProps): void {
  const { name, network, controlPlaneCidr, publicAccessCidrs = [], tags } = props;

  if (!Token.isUnresolved(name) && !NAME.test(name)) {
    const rule = "must be 1 to 40 lower-case letters, digits and -, beginning with a letter and not ending with -";
    throw new InvalidPropsError(construct, "name", `${rule}, got '${name}'`);
  }
  checkLocation(construct, props);
  checkCidr(construct, "controlPlaneCidr", controlPlaneCidr, { shortest: 28, longest: 28 });
  if (network) {
    checkNoNewNetwork(construct, props);
  } else {
    const { nodeCidr = DEFAULT_CIDRS.nodeCidr, podCidr = DEFAULT_CIDRS.podCidr, serviceCidr = DEFAULT_CIDRS.serviceCidr } = props;
    checkApart(construct, { nodeCidr, podCidr, serviceCidr, controlPlaneCidr });
  }
  for (const cidr of publicAccessCidrs) checkCidr(construct, "publicAccessCidrs", cidr, { shortest: 0, longest: 32 });
  checkLabels(construct, tags);
}

function checkLocation(construct: IConstruct, { region, zones }: GkeClusterProps): void {
  if (!Token.isUnresolved(region) && /-[a-z]$/.test(region)) {
    throw new InvalidPropsError(construct, "region", `must be a region such as europe-west1, got the zone '${region}'`);
  }
  if (!zones || Token.isUnresolved(zones)) return;
  if (zones.length === 0) throw new InvalidPropsError(construct, "zones", "must name a zone at least, got none; leave it out for three");
  for (const [index, zone] of zones.entries()) {
    if (Token.isUnresolved(zone)) continue;
    if (zones.indexOf(zone) !== index) throw new InvalidPropsError(construct, "zones", `names '${zone}' twice; name each zone once`);
    if (!Token.isUnresolved(region) && !(zone.startsWith(`${region}-`) && /-[a-z]$/.test(zone))) {
      throw new InvalidPropsError(construct, "zones", `must name zones of ${region}, such as ${region}-b, got '${zone}'`);
    }
  }
}

function checkNoNewNetwork(construct: IConstruct, props: GkeClusterProps): void {
  for (const prop of ["nodeCidr", "podCidr", "serviceCidr"] as const) {
    if (props[prop] === undefined) continue;
    throw new InvalidPropsError(construct, prop, "describes a new network, but 'network' names one that exists; leave one of the two out");
  }
}

function checkLabels(construct: IConstruct, tags: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(tags)) {
    const keyIsFine = Token.isUnresolved(key) || LABEL_KEY.test(key);
    const valueIsFine = Token.isUnresolved(value) || LABEL_VALUE.test(value);
    if (keyIsFine && valueIsFine) continue;
    const rule = "must be lower-case letters, digits, - and _, at most 63, with keys that begin with a letter";
    throw new InvalidPropsError(construct, "tags", `${rule}: Google Cloud keeps them as labels, got '${key}' = '${value}'`);
  }
}
