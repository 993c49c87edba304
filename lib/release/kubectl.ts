/** Prints host name or address of a Service's load balancer. Helm waits for it, Terraform does not read it: that would take another provider. */
export function endpointCommand(namespace: string, service: string): string {
  const ingress = ".status.loadBalancer.ingress[0]";
  return `kubectl --namespace ${namespace} get service ${service} --output jsonpath='{${ingress}.hostname}{${ingress}.ip}'`;
}

/** Prints one key of a Secret. */
export function secretCommand(namespace: string, secret: string, key: string): string {
  return `kubectl --namespace ${namespace} get secret ${secret} --output jsonpath='{.data.${key}}' | base64 --decode`;
}

/** Opens a dashboard on this machine. Not exposed otherwise. */
export function dashboardCommand(namespace: string, target: `${"service" | "pod"}/${string}`): string {
  return `kubectl --namespace ${namespace} port-forward ${target} 18083:18083`;
}
