import { describe, expect, it } from "vitest";
import { configFrom, loadConfig } from "../../src/config/load-config.js";
import { SETTING_PLACES } from "../../src/config/setting-places.js";
import { files, problemsOf, sources } from "./problems-of.js";

describe("settings left out", () => {
  it("make a broker for this machine alone, on the usual ports", () => {
    const { listeners, ...rest } = loadConfig(sources({}));
    expect(listeners.map(({ name, host, port, allowAnonymous }) => ({ name, host, port, allowAnonymous }))).toEqual([
      { name: "tcp:default", host: "127.0.0.1", port: 1883, allowAnonymous: true },
      { name: "ws:default", host: "127.0.0.1", port: 8083, allowAnonymous: true },
    ]);
    expect(rest).toEqual({
      admin: { host: "127.0.0.1", port: 18_083, isLoopback: true, tokens: undefined, allowedHosts: [] },
      mqtt: {
        maxPacketBytes: 1_048_576,
        maxQos: 2,
        retainAvailable: true,
        wildcardSubscriptions: true,
        sharedSubscriptions: true,
        subscriptionIdentifiers: true,
        receiveMaximum: 1_024,
        maxInflight: 1_024,
        maxInflightBytes: 16_777_216,
        topicAliasMaximum: 32,
        topicAliasMaximumOutbound: 32,
        maxQueuedMessages: 1_000,
        maxQueuedBytes: 16_777_216,
        queueOverflow: "drop-newest",
        queueQos0: false,
        maxHeldBytes: "off",
        maxOutputBytes: 1_048_576,
        slowConsumerSeconds: 60,
        maxMessageRate: "off",
        maxByteRate: "off",
        rateBurstSeconds: 1,
        maxSubscriptions: 1_000,
        maxSessions: 1_000_000,
        maxRetainedMessages: 1_000_000,
        maxRetainedBytes: 1_073_741_824,
        maxRetainedPayloadBytes: 1_048_576,
        maxKeepAliveSeconds: 65_535,
        maxSessionExpirySeconds: 604_800,
        maxTopicLevels: 128,
        shareStrategy: "round-robin",
        responseTopicPrefix: "response/",
        connectTimeoutSeconds: 10,
        maxClientIdBytes: 256,
      },
      limits: {
        maxConnectRate: Number.POSITIVE_INFINITY,
        connectBurstSeconds: 1,
        maxHalfOpen: 65_536,
        failedAuthenticationDelayMs: 500,
        maxConnectionsPerAddress: Number.POSITIVE_INFINITY,
        allowAddresses: [],
        denyAddresses: [],
        flapping: { enabled: false, maxCount: 15, windowSeconds: 60, banSeconds: 300 },
        memoryHighPercent: 85,
        memoryLowPercent: 80,
        loopLagHighMs: 500,
        loopLagLowMs: 100,
      },
      maxConnections: Number.POSITIVE_INFINITY,
      sysIntervalSeconds: 10,
      shutdownSeconds: 25,
      reloadSeconds: Number.POSITIVE_INFINITY,
      drain: { delaySeconds: 0, disconnectRate: 10_000, redirect: "use-another-server" },
      passwordHashing: { maxWaiting: 1_000, cacheEntries: 10_000 },
      authorization: { authorizers: [], byDefault: false, denyAction: "ignore" },
      log: { level: "info", format: "auto" },
      metrics: { emqxNames: false, push: undefined },
      dataDir: "/var/lib/mqttd",
      nats: undefined,
    });
  });

  it("make the same of an empty file", () => {
    expect(loadConfig(sources({ file: "# nothing yet\n" }))).toEqual(loadConfig(sources({})));
  });
});

describe("a configuration", () => {
  it("cannot be changed, at any depth", () => {
    const config = loadConfig(sources({}));
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.mqtt)).toBe(true);
    expect(Object.isFrozen(config.listeners)).toBe(true);
    expect(Object.isFrozen(config.listeners[1]?.webSocket)).toBe(true);
  });

  it("can be made of a tree of settings, without files or an environment", () => {
    const { listeners, mqtt } = configFrom({ wsPort: "off", port: 0, mqtt: { maxQos: 1 } }, files({}));
    expect(listeners).toHaveLength(1);
    expect(mqtt).toMatchObject({ maxQos: 1, receiveMaximum: 1_024 });
  });
});

describe("a setting's sources", () => {
  const file = "port: 1001\nwsPort: 1002\nmqtt: {maxQos: 0, receiveMaximum: 10, maxInflight: 20}\n";

  it("are the command line over the environment over the file over the defaults, value by value", () => {
    const env = { MQTTD_WS_PORT: "2002", MQTTD_MQTT_RECEIVE_MAXIMUM: "11", MQTTD_MQTT_MAX_INFLIGHT: "21" };
    const { listeners, mqtt } = loadConfig(sources({ file, env, flags: { "--mqtt-max-inflight": "22" } }));
    expect(listeners.map(({ port }) => port)).toEqual([1001, 2002]);
    expect(mqtt).toMatchObject({ maxQos: 0, receiveMaximum: 11, maxInflight: 22, maxQueuedMessages: 1_000 });
  });

  it("may be a file that the environment names, which a flag overrides", () => {
    const others = { "a.json": '{"port": 3001}', "b.yaml": "port: 3002" };
    const port = (flags: Record<string, string>) =>
      loadConfig(sources({ others, env: { MQTTD_CONFIG: "a.json" }, flags })).listeners[0]?.port;
    expect(port({})).toBe(3001);
    expect(port({ "--config": "b.yaml" })).toBe(3002);
  });

  it.each(["", "  "])("do not include a variable that is empty (%j)", (empty) => {
    const env = { MQTTD_PORT: empty, MQTTD_CONFIG: empty, MQTTD_LOG_LEVEL: empty };
    expect(loadConfig(sources({ env }))).toEqual(loadConfig(sources({})));
  });

  it("do not include variables of others", () => {
    expect(() => loadConfig(sources({ env: { PATH: "/bin", MQTT_PORT: "x", MQTTDX: "y" } }))).not.toThrow();
  });

  it("do not include what Kubernetes says about a service named mqttd", () => {
    const env = {
      MQTTD_PORT: "tcp://10.96.0.7:1883",
      MQTTD_PORT_1883_TCP: "tcp://10.96.0.7:1883",
      MQTTD_PORT_1883_TCP_PROTO: "tcp",
      MQTTD_PORT_1883_TCP_PORT: "1883",
      MQTTD_PORT_1883_TCP_ADDR: "10.96.0.7",
      MQTTD_SERVICE_HOST: "10.96.0.7",
      MQTTD_SERVICE_PORT: "1883",
      MQTTD_SERVICE_PORT_MQTT: "1883",
      MQTTD_NATS_PORT: "tcp://10.96.0.8:4222",
      MQTTD_NATS_PORT_4222_TCP_ADDR: "10.96.0.8",
      MQTTD_NATS_SERVICE_HOST: "10.96.0.8",
    };
    expect(loadConfig(sources({ env }))).toEqual(loadConfig(sources({})));
  });
});

const ACL_ENTRY = '[{"type":"acl-file","file":"acl","format":"mosquitto"}]';

/** For each setting what a user would write as text, and what it means. None is a default. */
const SAMPLES: Readonly<Record<string, readonly [variable: string, flag: string, text: string, value?: unknown]>> = {
  host: ["MQTTD_HOST", "--host", "::1"],
  port: ["MQTTD_PORT", "--port", "1884", 1884],
  wsPort: ["MQTTD_WS_PORT", "--ws-port", "off"],
  tlsPort: ["MQTTD_TLS_PORT", "--tls-port", "8883", 8883],
  wssPort: ["MQTTD_WSS_PORT", "--wss-port", "8084", 8084],
  tlsCertFile: ["MQTTD_TLS_CERT_FILE", "--tls-cert-file", "cert.pem"],
  tlsKeyFile: ["MQTTD_TLS_KEY_FILE", "--tls-key-file", "key.pem"],
  tlsCaFile: ["MQTTD_TLS_CA_FILE", "--tls-ca-file", "ca.pem"],
  tlsClientCertificate: ["MQTTD_TLS_CLIENT_CERTIFICATE", "--tls-client-certificate", "require"],
  proxyProtocol: ["MQTTD_PROXY_PROTOCOL", "--proxy-protocol", "true", true],
  allowAnonymous: ["MQTTD_ALLOW_ANONYMOUS", "--allow-anonymous", "false", false],
  backlog: ["MQTTD_BACKLOG", "--backlog", "128", 128],
  maxConnectRatePerListener: ["MQTTD_MAX_CONNECT_RATE_PER_LISTENER", "--max-connect-rate-per-listener", "500", 500],
  listeners: ["MQTTD_LISTENERS", "--listeners", '[{"port":1885}]', [{ port: 1885 }]],
  passwordFile: ["MQTTD_PASSWORD_FILE", "--password-file", "users"],
  authentication: ["MQTTD_AUTHENTICATION", "--authentication", '[{"type":"certificate"}]', [{ type: "certificate" }]],
  "passwordHashing.maxConcurrent": ["MQTTD_PASSWORD_HASHING_MAX_CONCURRENT", "--password-hashing-max-concurrent", "2", 2],
  "passwordHashing.maxWaiting": ["MQTTD_PASSWORD_HASHING_MAX_WAITING", "--password-hashing-max-waiting", "10", 10],
  "passwordHashing.cacheEntries": ["MQTTD_PASSWORD_HASHING_CACHE_ENTRIES", "--password-hashing-cache-entries", "0", 0],
  aclFile: ["MQTTD_ACL_FILE", "--acl-file", "acl"],
  authorization: ["MQTTD_AUTHORIZATION", "--authorization", ACL_ENTRY, [{ type: "acl-file", file: "acl", format: "mosquitto" }]],
  authorizationDefault: ["MQTTD_AUTHORIZATION_DEFAULT", "--authorization-default", "allow"],
  authorizationDenyAction: ["MQTTD_AUTHORIZATION_DENY_ACTION", "--authorization-deny-action", "disconnect"],
  "mqtt.maxPacketBytes": ["MQTTD_MQTT_MAX_PACKET_BYTES", "--mqtt-max-packet-bytes", "268435460", 268_435_460],
  "mqtt.maxQos": ["MQTTD_MQTT_MAX_QOS", "--mqtt-max-qos", "1", 1],
  "mqtt.retainAvailable": ["MQTTD_MQTT_RETAIN_AVAILABLE", "--mqtt-retain-available", "false", false],
  "mqtt.wildcardSubscriptions": ["MQTTD_MQTT_WILDCARD_SUBSCRIPTIONS", "--mqtt-wildcard-subscriptions", "false", false],
  "mqtt.sharedSubscriptions": ["MQTTD_MQTT_SHARED_SUBSCRIPTIONS", "--mqtt-shared-subscriptions", "false", false],
  "mqtt.subscriptionIdentifiers": ["MQTTD_MQTT_SUBSCRIPTION_IDENTIFIERS", "--mqtt-subscription-identifiers", "false", false],
  "mqtt.receiveMaximum": ["MQTTD_MQTT_RECEIVE_MAXIMUM", "--mqtt-receive-maximum", "20", 20],
  "mqtt.maxInflight": ["MQTTD_MQTT_MAX_INFLIGHT", "--mqtt-max-inflight", "20", 20],
  "mqtt.maxInflightBytes": ["MQTTD_MQTT_MAX_INFLIGHT_BYTES", "--mqtt-max-inflight-bytes", "65536", 65_536],
  "mqtt.topicAliasMaximum": ["MQTTD_MQTT_TOPIC_ALIAS_MAXIMUM", "--mqtt-topic-alias-maximum", "0", 0],
  "mqtt.topicAliasMaximumOutbound": ["MQTTD_MQTT_TOPIC_ALIAS_MAXIMUM_OUTBOUND", "--mqtt-topic-alias-maximum-outbound", "0", 0],
  "mqtt.maxQueuedMessages": ["MQTTD_MQTT_MAX_QUEUED_MESSAGES", "--mqtt-max-queued-messages", "0", 0],
  "mqtt.maxQueuedBytes": ["MQTTD_MQTT_MAX_QUEUED_BYTES", "--mqtt-max-queued-bytes", "65536", 65_536],
  "mqtt.queueOverflow": ["MQTTD_MQTT_QUEUE_OVERFLOW", "--mqtt-queue-overflow", "drop-oldest"],
  "mqtt.queueQos0": ["MQTTD_MQTT_QUEUE_QOS0", "--mqtt-queue-qos0", "true", true],
  "mqtt.maxHeldBytes": ["MQTTD_MQTT_MAX_HELD_BYTES", "--mqtt-max-held-bytes", "65536", 65_536],
  "mqtt.maxOutputBytes": ["MQTTD_MQTT_MAX_OUTPUT_BYTES", "--mqtt-max-output-bytes", "65536", 65_536],
  "mqtt.slowConsumerSeconds": ["MQTTD_MQTT_SLOW_CONSUMER_SECONDS", "--mqtt-slow-consumer-seconds", "5", 5],
  "mqtt.maxMessageRate": ["MQTTD_MQTT_MAX_MESSAGE_RATE", "--mqtt-max-message-rate", "10", 10],
  "mqtt.maxByteRate": ["MQTTD_MQTT_MAX_BYTE_RATE", "--mqtt-max-byte-rate", "1000", 1_000],
  "mqtt.rateBurstSeconds": ["MQTTD_MQTT_RATE_BURST_SECONDS", "--mqtt-rate-burst-seconds", "10", 10],
  "mqtt.maxSubscriptions": ["MQTTD_MQTT_MAX_SUBSCRIPTIONS", "--mqtt-max-subscriptions", "20", 20],
  "mqtt.maxSessions": ["MQTTD_MQTT_MAX_SESSIONS", "--mqtt-max-sessions", "20", 20],
  "mqtt.maxRetainedMessages": ["MQTTD_MQTT_MAX_RETAINED_MESSAGES", "--mqtt-max-retained-messages", "0", 0],
  "mqtt.maxRetainedBytes": ["MQTTD_MQTT_MAX_RETAINED_BYTES", "--mqtt-max-retained-bytes", "65536", 65_536],
  "mqtt.maxRetainedPayloadBytes": ["MQTTD_MQTT_MAX_RETAINED_PAYLOAD_BYTES", "--mqtt-max-retained-payload-bytes", "512", 512],
  "mqtt.maxKeepAliveSeconds": ["MQTTD_MQTT_MAX_KEEP_ALIVE_SECONDS", "--mqtt-max-keep-alive-seconds", "600", 600],
  "mqtt.maxSessionExpirySeconds": [
    "MQTTD_MQTT_MAX_SESSION_EXPIRY_SECONDS",
    "--mqtt-max-session-expiry-seconds",
    "4294967295",
    4_294_967_295,
  ],
  "mqtt.maxTopicLevels": ["MQTTD_MQTT_MAX_TOPIC_LEVELS", "--mqtt-max-topic-levels", "16", 16],
  "mqtt.shareStrategy": ["MQTTD_MQTT_SHARE_STRATEGY", "--mqtt-share-strategy", "least-inflight"],
  "mqtt.responseTopicPrefix": ["MQTTD_MQTT_RESPONSE_TOPIC_PREFIX", "--mqtt-response-topic-prefix", "answers/"],
  "mqtt.serverReference": ["MQTTD_MQTT_SERVER_REFERENCE", "--mqtt-server-reference", "other.example:1883"],
  "mqtt.connectTimeoutSeconds": ["MQTTD_MQTT_CONNECT_TIMEOUT_SECONDS", "--mqtt-connect-timeout-seconds", "3", 3],
  "mqtt.maxClientIdBytes": ["MQTTD_MQTT_MAX_CLIENT_ID_BYTES", "--mqtt-max-client-id-bytes", "64", 64],
  "limits.maxConnectRate": ["MQTTD_LIMITS_MAX_CONNECT_RATE", "--limits-max-connect-rate", "5000", 5_000],
  "limits.connectBurstSeconds": ["MQTTD_LIMITS_CONNECT_BURST_SECONDS", "--limits-connect-burst-seconds", "3", 3],
  "limits.maxHalfOpen": ["MQTTD_LIMITS_MAX_HALF_OPEN", "--limits-max-half-open", "off"],
  "limits.failedAuthenticationDelayMs": ["MQTTD_LIMITS_FAILED_AUTHENTICATION_DELAY_MS", "--limits-failed-authentication-delay-ms", "off"],
  "limits.maxConnectionsPerAddress": ["MQTTD_LIMITS_MAX_CONNECTIONS_PER_ADDRESS", "--limits-max-connections-per-address", "20", 20],
  "limits.allowAddresses": ["MQTTD_LIMITS_ALLOW_ADDRESSES", "--limits-allow-addresses", '["10.0.0.0/8"]', ["10.0.0.0/8"]],
  "limits.denyAddresses": ["MQTTD_LIMITS_DENY_ADDRESSES", "--limits-deny-addresses", '["2001:db8::1"]', ["2001:db8::1"]],
  "limits.flapping.enabled": ["MQTTD_LIMITS_FLAPPING_ENABLED", "--limits-flapping-enabled", "true", true],
  "limits.flapping.maxCount": ["MQTTD_LIMITS_FLAPPING_MAX_COUNT", "--limits-flapping-max-count", "5", 5],
  "limits.flapping.windowSeconds": ["MQTTD_LIMITS_FLAPPING_WINDOW_SECONDS", "--limits-flapping-window-seconds", "30", 30],
  "limits.flapping.banSeconds": ["MQTTD_LIMITS_FLAPPING_BAN_SECONDS", "--limits-flapping-ban-seconds", "60", 60],
  "limits.memoryHighPercent": ["MQTTD_LIMITS_MEMORY_HIGH_PERCENT", "--limits-memory-high-percent", "90", 90],
  "limits.memoryLowPercent": ["MQTTD_LIMITS_MEMORY_LOW_PERCENT", "--limits-memory-low-percent", "70", 70],
  "limits.memoryBytes": ["MQTTD_LIMITS_MEMORY_BYTES", "--limits-memory-bytes", "1073741824", 1_073_741_824],
  "limits.loopLagHighMs": ["MQTTD_LIMITS_LOOP_LAG_HIGH_MS", "--limits-loop-lag-high-ms", "250", 250],
  "limits.loopLagLowMs": ["MQTTD_LIMITS_LOOP_LAG_LOW_MS", "--limits-loop-lag-low-ms", "50", 50],
  maxConnections: ["MQTTD_MAX_CONNECTIONS", "--max-connections", "100000", 100_000],
  sysIntervalSeconds: ["MQTTD_SYS_INTERVAL_SECONDS", "--sys-interval-seconds", "0", 0],
  shutdownSeconds: ["MQTTD_SHUTDOWN_SECONDS", "--shutdown-seconds", "0", 0],
  reloadSeconds: ["MQTTD_RELOAD_SECONDS", "--reload-seconds", "30", 30],
  "drain.delaySeconds": ["MQTTD_DRAIN_DELAY_SECONDS", "--drain-delay-seconds", "5", 5],
  "drain.disconnectRate": ["MQTTD_DRAIN_DISCONNECT_RATE", "--drain-disconnect-rate", "off"],
  "drain.redirect": ["MQTTD_DRAIN_REDIRECT", "--drain-redirect", "server-moved"],
  "log.level": ["MQTTD_LOG_LEVEL", "--log-level", "debug"],
  "log.format": ["MQTTD_LOG_FORMAT", "--log-format", "pretty"],
  "admin.host": ["MQTTD_ADMIN_HOST", "--admin-host", "::1"],
  "admin.port": ["MQTTD_ADMIN_PORT", "--admin-port", "off"],
  "admin.tokensFile": ["MQTTD_ADMIN_TOKENS_FILE", "--admin-tokens-file", "tokens"],
  "admin.allowedHosts": ["MQTTD_ADMIN_ALLOWED_HOSTS", "--admin-allowed-hosts", '["mqtt.example"]', ["mqtt.example"]],
  "metrics.emqxNames": ["MQTTD_METRICS_EMQX_NAMES", "--metrics-emqx-names", "true", true],
  "metrics.push.url": ["MQTTD_METRICS_PUSH_URL", "--metrics-push-url", "https://push.example/base"],
  "metrics.push.intervalSeconds": ["MQTTD_METRICS_PUSH_INTERVAL_SECONDS", "--metrics-push-interval-seconds", "30", 30],
  "metrics.push.timeoutSeconds": ["MQTTD_METRICS_PUSH_TIMEOUT_SECONDS", "--metrics-push-timeout-seconds", "2", 2],
  "metrics.push.job": ["MQTTD_METRICS_PUSH_JOB", "--metrics-push-job", "edge"],
  "metrics.push.grouping": ["MQTTD_METRICS_PUSH_GROUPING", "--metrics-push-grouping", '{"region": "eu"}', { region: "eu" }],
  "metrics.push.passwordFile": ["MQTTD_METRICS_PUSH_PASSWORD_FILE", "--metrics-push-password-file", "user"],
  "metrics.push.caFile": ["MQTTD_METRICS_PUSH_CA_FILE", "--metrics-push-ca-file", "ca.pem"],
  "metrics.push.deleteOnStop": ["MQTTD_METRICS_PUSH_DELETE_ON_STOP", "--metrics-push-delete-on-stop", "true", true],
  dataDir: ["MQTTD_DATA_DIR", "--data-dir", "/srv/mqtt"],
  planFile: ["MQTTD_PLAN_FILE", "--plan-file", "/etc/mqttd/plan.json"],
  "nats.servers": ["MQTTD_NATS", "--nats", "nats://nats:4222"],
  "nats.cluster": ["MQTTD_NATS_CLUSTER", "--nats-cluster", "north"],
  "nats.brokerName": ["MQTTD_NATS_BROKER_NAME", "--nats-broker-name", "pod-1"],
  "nats.credentialsFile": ["MQTTD_NATS_CREDENTIALS_FILE", "--nats-credentials-file", "user.creds"],
  "nats.passwordFile": ["MQTTD_NATS_PASSWORD_FILE", "--nats-password-file", "user"],
  "nats.tokenFile": ["MQTTD_NATS_TOKEN_FILE", "--nats-token-file", "token"],
  "nats.nkeySeedFile": ["MQTTD_NATS_NKEY_SEED_FILE", "--nats-nkey-seed-file", "user.nk"],
  "nats.tls.caFile": ["MQTTD_NATS_TLS_CA_FILE", "--nats-tls-ca-file", "ca.pem"],
  "nats.tls.certFile": ["MQTTD_NATS_TLS_CERT_FILE", "--nats-tls-cert-file", "cert.pem"],
  "nats.tls.keyFile": ["MQTTD_NATS_TLS_KEY_FILE", "--nats-tls-key-file", "key.pem"],
  "nats.tls.handshakeFirst": ["MQTTD_NATS_TLS_HANDSHAKE_FIRST", "--nats-tls-handshake-first", "true", true],
  "nats.replicas": ["MQTTD_NATS_REPLICAS", "--nats-replicas", "1", 1],
  "nats.storage": ["MQTTD_NATS_STORAGE", "--nats-storage", "memory"],
  "nats.ownerShards": ["MQTTD_NATS_OWNER_SHARDS", "--nats-owner-shards", "16", 16],
  "nats.sessionShards": ["MQTTD_NATS_SESSION_SHARDS", "--nats-session-shards", "2", 2],
  "nats.deadAfterSeconds": ["MQTTD_NATS_DEAD_AFTER_SECONDS", "--nats-dead-after-seconds", "10", 10],
  "nats.cutOffAfterSeconds": ["MQTTD_NATS_CUT_OFF_AFTER_SECONDS", "--nats-cut-off-after-seconds", "off"],
  "nats.acknowledge": ["MQTTD_NATS_ACKNOWLEDGE", "--nats-acknowledge", "async"],
  "nats.maxBatchBytes": ["MQTTD_NATS_MAX_BATCH_BYTES", "--nats-max-batch-bytes", "65536", 65_536],
  "nats.maxInFlightBytes": ["MQTTD_NATS_MAX_IN_FLIGHT_BYTES", "--nats-max-in-flight-bytes", "1048576", 1_048_576],
  "nats.retainedMemoryBytes": ["MQTTD_NATS_RETAINED_MEMORY_BYTES", "--nats-retained-memory-bytes", "0", 0],
};

describe("a setting as text", () => {
  it("has a sample below for each one", () => {
    expect(Object.keys(SAMPLES)).toEqual(SETTING_PLACES.map(({ path }) => path.join(".")));
  });

  it.each(Object.entries(SAMPLES))(
    "%s has a variable and a flag, which mean the same as the file",
    (name, [variable, flag, text, value = text]) => {
      const place = SETTING_PLACES.find(({ path }) => path.join(".") === name)!;
      expect(place).toMatchObject({ variable, flag });
      const tree = place.path.reduceRight<unknown>((below, word) => ({ [word]: below }), value);
      const outcome = (given: Parameters<typeof sources>[0]) => {
        try {
          return loadConfig(sources(given));
        } catch {
          // Some need others to be right; what they say then differs in the place only.
          return problemsOf(given).map((problem) => problem.replace(/ \([^()]*\)$/, ""));
        }
      };
      const fromFile = outcome({ file: JSON.stringify(tree) });
      expect(outcome({ env: { [variable]: text } })).toEqual(fromFile);
      expect(outcome({ flags: { [flag]: text } })).toEqual(fromFile);
      expect(fromFile).not.toEqual(outcome({}));
    },
  );

  it("is refused by its bounds in all three alike", () => {
    const [problem] = problemsOf({ flags: { "--mqtt-max-qos": "3" } });
    expect(problem).toBe("mqtt.maxQos is 3; it takes a whole number from 0 to 2 (mend --mqtt-max-qos on the command line)");
    expect(problemsOf({ env: { MQTTD_MQTT_MAX_QOS: "two" } })).toEqual([
      'mqtt.maxQos is "two"; it takes a whole number from 0 to 2 (mend MQTTD_MQTT_MAX_QOS in the environment)',
    ]);
    expect(problemsOf({ file: "mqtt: {maxQos: 1.5}" })).toEqual([
      "mqtt.maxQos is 1.5; it takes a whole number from 0 to 2 (mend it in mqttd.yaml)",
    ]);
  });
});
