import { TerraformOutput, type TerraformStack } from "cdktf";
import {
  BrokerNamespace,
  CompanionRelease,
  EmqxRelease,
  GeneratedSecret,
  type IBrokerNodePool,
  type IBrokerRelease,
  NatsRelease,
} from "../lib";
import type { CheckedSettings } from "./settings";

type ReleaseSettings = CheckedSettings["release"];

/** The namespace and what the settings want in it, on `pool`. */
export function deployBrokers(stack: TerraformStack, pool: IBrokerNodePool, release: ReleaseSettings): IBrokerRelease {
  const namespace = new BrokerNamespace(stack, "Namespace", { name: release.namespace, pools: [pool] });
  const broker = release.broker === "emqx" ? emqx(stack, pool, namespace, release) : companion(stack, pool, namespace, release);
  new TerraformOutput(stack, "endpoint_command", { value: broker.endpointCommand });
  new TerraformOutput(stack, "dashboard_command", { value: broker.dashboardCommand });
  new TerraformOutput(stack, "dashboard_secret_command", { value: broker.dashboardSecretCommand });
  return broker;
}

function companion(stack: TerraformStack, pool: IBrokerNodePool, namespace: BrokerNamespace, release: ReleaseSettings): IBrokerRelease {
  const { connectionsPerPod, runtime, listeners, replicas, drainRate, doctor, settings, values } = release;
  const image = imageOf(release.image);
  const tls = tlsOf(release);
  const service = serviceOf(release);
  const metrics = { pushgateway: release.pushgateway };
  const generated = release.usersSecret === undefined && !release.allowAnonymous;

  // #region companion
  const users = generated
    ? new GeneratedSecret(stack, "Users", {
        namespace,
        name: "mqttd-users",
        passwords: { password: 32 },
        userFiles: { users: { mqtt: "password" } }, // the user mqtt, with that password
      })
    : undefined;

  const nats =
    release.nats === "deploy"
      ? new NatsRelease(stack, "Nats", {
          namespace,
          pool, // NATS keeps off it, on the cluster's system pool
          replicas: release.natsReplicas,
          disk: release.natsDisk,
          storageClass: release.storageClass,
        })
      : undefined;

  const broker = new CompanionRelease(stack, "Broker", {
    namespace,
    pool, // placement, sysctls and limits are read from its plan
    ...(nats ? { nats, replicas } : withoutNats(release)),
    connectionsPerPod,
    runtime,
    image,
    listeners,
    tls,
    users: users ? { secret: users, key: "users" } : secret(release.usersSecret, "users"),
    acl: secret(release.aclSecret, "acl"),
    allowAnonymous: release.allowAnonymous,
    service,
    metrics,
    doctor,
    drainRate,
    settings,
    values,
  });
  // #endregion

  if (users) new TerraformOutput(stack, "password_command", { value: users.command("password") });
  return broker;
}

function emqx(stack: TerraformStack, pool: IBrokerNodePool, namespace: BrokerNamespace, release: ReleaseSettings): IBrokerRelease {
  const { connectionsPerPod, listeners, replicas, values } = release;
  const { edition, version, licenceSecret } = release.emqx;
  const tls = tlsOf(release);
  const { type, internal } = serviceOf(release);

  // #region emqx
  return new EmqxRelease(stack, "Broker", {
    namespace,
    pool,
    ...(edition === "enterprise" ? { edition, licence: secret(licenceSecret, "licence") } : { edition }),
    version, // 5.8.9, the last one under the Apache licence
    replicas,
    connectionsPerPod,
    listeners,
    tls,
    service: { type, internal },
    values,
  });
  // #endregion
}

/** Servers of others, or none at all. */
function withoutNats({ nats, natsSecret, natsReplicas, replicas, storageClass }: ReleaseSettings) {
  if (!Array.isArray(nats)) return { persistence: { storageClass } };
  const credentials = natsSecret === undefined ? undefined : { kind: "password" as const, secret: natsSecret, key: "nats" };
  return { nats: { servers: nats, replicas: natsReplicas, credentials }, replicas };
}

function tlsOf({ tlsSecret, certificateIssuer, hostNames }: ReleaseSettings) {
  if (tlsSecret !== undefined) return { secret: tlsSecret };
  return certificateIssuer === undefined ? undefined : { certManager: { issuer: certificateIssuer, dnsNames: hostNames } };
}

function serviceOf({ serviceType, awsController, certificateArn, ...release }: ReleaseSettings) {
  return { type: serviceType, internal: !release.public, awsController, certificateArn };
}

/** `example/mqttd:1.2.3` or `example/mqttd@sha256:…`. */
function imageOf(image: string | undefined) {
  const [, repository = "", tag, digest] = /^(.*?)(?::([\w.-]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(image ?? "") ?? [];
  return image === undefined ? undefined : { repository, tag, digest };
}

function secret(name: string | undefined, key: string) {
  return name === undefined ? undefined : { secret: name, key };
}
