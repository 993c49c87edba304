import { z } from "zod";

/* What runs on the pools: `release` of the settings. */

const text = (remedy: string) => z.string().trim().min(1).describe(remedy);
const choice = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values).describe(`one of ${values.join(", ")}`);
const flag = (remedy: string) => z.boolean().describe(remedy);
const secretName = (remedy: string) =>
  z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
    .describe(remedy);
const bytes = (remedy: string) => z.templateLiteral([z.int(), z.enum(["Mi", "Gi", "Ti"])]).describe(remedy);

export const ReleaseSettings = z.strictObject({
  broker: z
    .enum(["companion", "emqx", "none"])
    .describe("companion for the broker of this repository, emqx for EMQX, none for pools alone")
    .default("companion"),
  namespace: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?$/)
    .describe("a name of up to 42 small letters, digits and dashes")
    .default("mqtt"),
  replicas: z.int().min(1).max(1000).describe("a whole number from 1 to 1000, the brokers of each stack").default(3),
  connectionsPerPod: z
    .int()
    .min(1)
    .max(10_000_000)
    .describe("a whole number from 1 to 10000000, the connections of each broker; 50000 is taken, 200000 with EMQX")
    .optional(),
  runtime: choice(["bun", "node"]).default("bun"),
  image: z
    .string()
    .regex(/^[a-z0-9][\w./:-]*(:[\w.-]+|@sha256:[0-9a-f]{64})$/)
    .describe("an image that has the broker in it, with its version: example/mqttd:1.2.3; the stock image of the runtime is taken")
    .optional(),

  listeners: z
    .array(z.enum(["mqtt", "mqtts", "ws", "wss"]))
    .min(1)
    .describe('a list out of mqtt, mqtts, ws and wss: ["mqtt","ws"], in the environment mqtt,ws')
    .default(["mqtt"]),
  tlsSecret: secretName("the name of a Secret of type kubernetes.io/tls, the certificate of mqtts and wss").optional(),
  certificateIssuer: text("the name of a ClusterIssuer of cert-manager, which then makes the certificate of mqtts and wss").optional(),
  hostNames: z
    .array(z.string().min(1))
    .describe('a list of names that clients connect to, for that certificate: ["mqtt.example"], in the environment with commas between')
    .default([]),

  usersSecret: secretName("the name of a Secret with a password file in its key users; one with the user mqtt is made").optional(),
  aclSecret: secretName("the name of a Secret with an access list in its key acl").optional(),
  allowAnonymous: flag("true to let clients in without user name and password, false for users alone").default(false),

  public: flag("true for load balancers on the internet, false for the cloud's private network alone").default(false),
  serviceType: z
    .enum(["LoadBalancer", "ClusterIP", "NodePort"])
    .describe("one of LoadBalancer, ClusterIP, NodePort; a load balancer is made on clouds, and none in a cluster by its kubeconfig")
    .optional(),
  awsController: choice(["built-in", "aws-load-balancer-controller"]).default("built-in"),
  certificateArn: text("the ARN of a certificate in ACM, for TLS that ends at AWS' load balancer").optional(),

  nats: z
    .union([z.literal("deploy"), z.literal("none"), z.array(z.string().min(1)).min(1)])
    .describe(
      '"deploy" to run NATS beside the brokers, "none" for a lone broker, or a list of servers: ["nats://nats.nats.svc:4222"], in the environment with commas between',
    )
    .default("deploy"),
  natsSecret: secretName("the name of a Secret with a line user:password in its key nats, for servers of your own").optional(),
  natsReplicas: z
    .union([z.literal(1), z.literal(3), z.literal(5)])
    .describe("1, 3 or 5, the NATS servers")
    .default(3),
  natsDisk: bytes("a whole number of Mi, Gi or Ti, the disk of each NATS server: 50Gi").default("50Gi"),
  storageClass: text("the name of a StorageClass; the cluster's default is taken, gp2 on EKS").optional(),

  doctor: choice(["required", "advisory", "off"]).default("required"),
  drainRate: z.int().min(1).max(1_000_000).describe("a whole number from 1 to 1000000, the clients sent away each second").default(1000),
  pushgateway: text("the address of a Prometheus pushgateway: http://pushgateway.monitoring:9091").optional(),
  settings: z
    .record(z.string(), z.unknown())
    .describe('further settings of the broker by their names in its file: {"mqtt": {"maxPacketBytes": 65536}}')
    .default({}),
  values: z.record(z.string(), z.unknown()).describe('values of the broker\'s chart, over all others: {"minReadySeconds": 30}').default({}),

  emqx: z
    .strictObject({
      edition: choice(["open-source", "enterprise"]).default("open-source"),
      version: text("a version of EMQX; 5.8.9 is taken, 6.2.2 of the enterprise edition").optional(),
      licenceSecret: secretName("the name of a Secret with the licence in its key licence").optional(),
    })
    .prefault({}),
});

/** What runs on the pools, with every default filled in. */
export type ReleaseSettings = z.infer<typeof ReleaseSettings>;
