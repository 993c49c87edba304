import type { IBrokerRelease, Listener } from "./broker-release";
import { mergeValues, type Values } from "./merge-values";

/** Ports of the chart's Service. */
const SERVICE_PORTS: Readonly<Record<Listener, number>> = { mqtt: 1883, mqtts: 8883, ws: 8083, wss: 8084 };

/** The chart's port of `listeners.internal`, which its headless Service has alone. */
const INTERNAL_PORT = 11_883;

/** Of the values, what decides how clients inside the cluster get in. */
interface WayInValues {
  readonly replicaCount: number;
  readonly cloud: string;
  readonly service: { readonly type: string; readonly aws?: { readonly tlsTermination?: { readonly enabled?: boolean } } };
  readonly listeners: {
    readonly proxyProtocol?: boolean | null;
    readonly internal?: { readonly enabled?: boolean; readonly containerPort?: number };
  };
}

/**
 * The values with `listeners.internal` where the others are for the load balancer alone, unless they switch it off: those wait for a PROXY header, or hear
 * in plain text what the load balancer has decrypted.
 */
export function withWayIn(values: Values): Values {
  return forLoadBalancerAlone(values) ? mergeValues({ listeners: { internal: { enabled: true } } }, values) : values;
}

/** Where clients inside the cluster connect. */
export function wayIn(
  values: Values,
  {
    releaseName,
    namespace,
    listeners,
  }: { readonly releaseName: string; readonly namespace: string; readonly listeners: readonly Listener[] },
): Pick<IBrokerRelease, "host" | "podHosts" | "ports"> {
  if (!forLoadBalancerAlone(values)) {
    const ports = listeners.map((listener) => [listener, SERVICE_PORTS[listener]]);
    return { host: `${releaseName}.${namespace}.svc`, ports: Object.fromEntries(ports) };
  }
  const { replicaCount, listeners: own } = values as unknown as WayInValues;
  const { enabled, containerPort = INTERNAL_PORT } = own.internal ?? {};
  const host = `${releaseName}-headless.${namespace}.svc`;
  const podHosts = Array.from({ length: replicaCount }, (_, number) => `${releaseName}-${number}.${host}`);
  return { host, podHosts, ports: enabled ? { mqtt: containerPort } : {} };
}

/** As the chart decides it (templates/_listeners.tpl). */
function forLoadBalancerAlone(values: Values): boolean {
  const { cloud, service, listeners } = values as unknown as WayInValues;
  const networkLoadBalancer = cloud === "aws" && service.type === "LoadBalancer";
  const decrypts = networkLoadBalancer && service.aws?.tlsTermination?.enabled === true;
  return (listeners.proxyProtocol ?? networkLoadBalancer) || decrypts;
}
