import * as z from "zod";
import { choice, flag, list, map, mapOf, matching, objectName, orNull, port, section, text, whole } from "../kinds.js";

const CIDR = /^[0-9A-Fa-f.:]+\/[0-9]{1,3}$/;
const nodePort = orNull("Any free one, unless given", z.int().min(1).max(65_535));

/** How clients find the brokers. */
export const serviceValues = {
  cloud: choice("Whose load balancers stand in front: decides the annotations of a LoadBalancer", ["none", "aws", "azure", "gcp"], "none"),
  service: section("The Service that clients connect to", {
    type: choice("How it is reached", ["ClusterIP", "NodePort", "LoadBalancer"], "ClusterIP"),
    ports: section("Its ports; those of listeners that are on", {
      mqtt: port("MQTT over TCP", 1_883),
      mqtts: port("MQTT over TLS", 8_883),
      ws: port("MQTT over WebSocket", 8_083),
      wss: port("MQTT over WebSocket over TLS", 8_084),
    }),
    nodePorts: section("Ports on the nodes", { mqtt: nodePort, mqtts: nodePort, ws: nodePort, wss: nodePort }),
    internal: flag("Whether the load balancer is reached from the cloud's private network only", false),
    externalTrafficPolicy: choice(
      "Local keeps clients' addresses, and spares nodes a translated connection per client, of which each has 64 k to a pod",
      ["Local", "Cluster"],
      "Local",
    ),
    idleTimeoutSeconds: whole(
      "How long the load balancer keeps silent connections: aws 60 to 6000, azure 240 to 1800 in whole minutes; gcp's has no such setting. Keep alive is held below it",
      { min: 60, max: 6_000 },
      1_800,
    ),
    aws: section("What only the Network Load Balancer of the AWS Load Balancer Controller (2.11 or newer) has", {
      targetType: choice("ip sends to the pods; instance to the nodes", ["ip", "instance"], "ip"),
      preserveClientIp: flag(
        "Whether packets keep the client's address. Without, the load balancer translates, and a pod takes 55,000 connections; with, clients in the same nodes cannot use the load balancer",
        true,
      ),
      crossZone: flag("Whether it spreads over brokers in all zones; traffic between zones is billed", true),
      tlsTermination: section("TLS that ends at the load balancer: service ports mqtts and wss go to the plain listeners mqtt and ws", {
        enabled: flag("Whether to", false),
        certificateArn: matching("Certificate in ACM", /^(arn:aws[a-z-]*:(acm|iam):.+)?$/),
        sslPolicy: text("Security policy", "ELBSecurityPolicy-TLS13-1-2-2021-06"),
      }),
    }),
    annotations: map("Further annotations; they win over those of the cloud"),
    labels: map("Further labels"),
    loadBalancerClass: text("Class of the load balancer"),
    loadBalancerIP: text("Address asked for, on clouds that still take it"),
    loadBalancerSourceRanges: list("Networks that may connect; all, unless given", z.string().regex(CIDR), [], ["203.0.113.0/24"]),
    allocateLoadBalancerNodePorts: flag("Whether a LoadBalancer takes ports on the nodes as well", true),
    ipFamilyPolicy: choice("One address or two", ["", "SingleStack", "PreferDualStack", "RequireDualStack"], ""),
    ipFamilies: list("Kinds of addresses, the first first", z.enum(["IPv4", "IPv6"])),
  }),
  headlessService: section("The Service that names each pod", { annotations: map("Its annotations") }),
  admin: section("Admin port: health, metrics, API and dashboard", {
    containerPort: port("Port in the pod", 18_083),
    service: section("Its Service, of type ClusterIP", { port: port("Its port", 18_083), annotations: map("Its annotations") }),
    existingSecret: objectName("Secret with the tokens of the API and the dashboard; the chart makes one and keeps it, unless given"),
    existingSecretKey: text("Key in that Secret, with a line for each token: read or admin, the token, a name", "tokens"),
    metricsTokenKey: text("Key in that Secret with one of these read tokens by itself, for the ServiceMonitor", "metrics-token"),
  }),
  metrics: section("Prometheus", {
    serviceMonitor: section("A ServiceMonitor for the Prometheus operator", {
      enabled: flag("Whether to make one", false),
      namespace: objectName("Its namespace; the release's, unless given"),
      interval: text("How often it scrapes", "30s"),
      scrapeTimeout: text("How long that may take", "10s"),
      labels: map("Labels that the operator selects by", { release: "prometheus" }),
      relabelings: list("Relabelings of targets", z.record(z.string(), z.unknown())),
      metricRelabelings: list("Relabelings of samples", z.record(z.string(), z.unknown())),
    }),
    grafanaDashboard: section("A ConfigMap with the dashboard for Grafana, which its sidecar finds by a label", {
      enabled: flag("Whether to make one", false),
      namespace: objectName("Its namespace; the release's, unless given"),
      labels: mapOf("Labels that the sidecar selects by", { grafana_dashboard: "1" }),
      annotations: map("Annotations, such as the folder", { grafana_folder: "MQTT" }),
    }),
    prometheusRule: section("A PrometheusRule with alerts for the Prometheus operator", {
      enabled: flag("Whether to make one", false),
      namespace: objectName("Its namespace; the release's, unless given"),
      labels: map("Labels that the operator selects by", { release: "prometheus" }),
      additionalGroups: list("Further groups of rules", z.record(z.string(), z.unknown())),
    }),
    emqxNames: flag("Whether the numbers are there under EMQX's names as well, for its Grafana boards", false),
    pushgateway: section("A pushgateway that each broker sends its numbers to", {
      url: matching("Its address, without user and password; off, unless given", /^(https?:\/\/[^/@\s]+(\/\S*)?)?$/),
      intervalSeconds: whole("How often", { min: 1, max: 3_600 }, 15),
      timeoutSeconds: whole("How long it may take", { min: 1, max: 60 }, 5),
      job: text("Name of the job there", "mqttd"),
      grouping: map("Further labels of the group, beside instance, which is the pod's name", { region: "eu" }),
      deleteOnStop: flag("Whether the numbers are taken back when a broker stops", true),
      existingSecret: objectName("Secret with its user, for basic authentication"),
      existingSecretKey: text("Key in that Secret: a line user:password", "pushgateway"),
      ca: section("Authorities that sign its certificate", {
        existingSecret: objectName("Secret that holds them; those of the runtime, unless given"),
        existingSecretKey: text("Key in that Secret", "ca.crt"),
      }),
    }),
  }),
  networkPolicy: section("Who may talk to the pods, and to whom they may", {
    enabled: flag("Whether to make one", true),
    allowExternal: flag(
      'Whether anyone may connect to the listeners; otherwise pods with the label <fullname>-client: "true" and extraIngress',
      true,
    ),
    adminFrom: list(
      "Who may reach the admin port, as peers of a NetworkPolicy; pods of the namespace, unless given",
      z.record(z.string(), z.unknown()),
      [],
      [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }],
    ),
    allowExternalEgress: flag(
      "Whether the pods may connect anywhere; otherwise DNS, the ports of nats.servers and extraEgress, where a pushgateway and HTTP hooks belong too",
      true,
    ),
    extraIngress: list("Further rules", z.record(z.string(), z.unknown())),
    extraEgress: list("Further rules", z.record(z.string(), z.unknown())),
  }),
};
