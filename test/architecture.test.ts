import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

/*
 * Who may import whom. A file belongs to the first row whose pattern it matches; what it imports must match one of the row's patterns.
 * Packages stand by name, files of ours by their path without ending.
 */
const PURE = [/^lib\/errors$/, /^lib\/kernel\//, /^fastest-levenshtein$/];
const CONSTRUCTS = [/^constructs$/, /^cdktf$/];

const RULES: readonly { readonly files: RegExp; readonly may: readonly RegExp[]; readonly typesOf?: readonly RegExp[] }[] = [
  // Pure: neither cdktf nor a provider, so that a fork of cdktf can use them as they are.
  { files: /^lib\/errors$/, may: [], typesOf: [/^constructs$/] },
  { files: /^lib\/kernel\//, may: PURE },
  { files: /^lib\/load-test\/(scenario|generator-memory)$/, may: PURE },
  {
    files: /^lib\/load-test\//,
    may: [
      /^lib\/load-test\//,
      /^lib\/release\/(broker-release|chart-schema|check-pool|install-release|merge-values|namespace|packaged-chart|pod-placement)$/,
      ...PURE,
      ...CONSTRUCTS,
    ],
    typesOf: [/^lib\/nodes\/broker-node-pool$/, /^@cdktf\/provider-helm\/lib\/release$/],
  },
  { files: /^lib\/sizing\//, may: [/^lib\/sizing\//, ...PURE] },
  {
    files: /^lib\/cli\//,
    may: [
      /^lib\/(cli|sizing)\//,
      /^lib\/load-test\/scenario$/,
      /^node:fs$/,
      /^lib\/report\/(report-(text|html|markdown)|stack-report)$/,
      ...PURE,
      /^commander$/,
    ],
  },
  {
    files: /^lib\/report\/tuning-report$/,
    may: [/^lib\/report\//, /^lib\/nodes\/broker-node-pool$/, ...PURE, ...CONSTRUCTS, /^node:/],
    typesOf: [/^lib\/release\/broker-release$/],
  },
  { files: /^lib\/report\//, may: [/^lib\/report\//, ...PURE], typesOf: [/^lib\/nodes\/broker-node-pool$/] },
  { files: /^lib\/nodes\/broker-node-pool$/, may: PURE, typesOf: [/^constructs$/] },
  // What all clouds share names no provider.
  { files: /^lib\/(nodes|clusters)\/[^/]+$/, may: [/^lib\/(nodes|clusters)\/[^/]+$/, ...PURE, ...CONSTRUCTS, /^node:/] },
  ...(["eks", "aks", "gke"] as const).map((cloud) => ({
    files: new RegExp(`^lib/(nodes|clusters)/${cloud}/`),
    may: [
      new RegExp(`^lib/(nodes|clusters)/${cloud}/`),
      /^lib\/(nodes|clusters)\/[^/]+$/,
      new RegExp(`^@cdktf/provider-${{ eks: "aws", aks: "azurerm", gke: "google" }[cloud]}/lib/[^/]+$`),
      ...PURE,
      ...CONSTRUCTS,
      /^smol-toml$/,
      /^node:/,
    ],
  })),
  // Releases know pools by their interface, and no cloud.
  {
    files: /^lib\/release\//,
    may: [
      /^lib\/(release|sizing)\//,
      /^lib\/nodes\/broker-node-pool$/,
      /^@cdktf\/provider-helm\/lib\/release$/,
      ...PURE,
      ...CONSTRUCTS,
      /^ajv$/,
      /^node:/,
    ],
  },
  // Entry points re-export and do nothing else; see the test below.
  { files: /^lib\/[^/]+$/, may: [/^lib\//] },
  { files: /^stacks\//, may: [/^stacks\//, /^lib\/index$/, /^@cdktf\/provider-[a-z]+\/lib\/provider$/, ...CONSTRUCTS, /^zod$/, /^node:/] },
];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const FILES = ["lib", "stacks"].flatMap(sources);
const IMPORTS = FILES.flatMap(importsOf);

describe("the import rules", () => {
  it("have a row for every file", () => {
    expect(FILES.length).toBeGreaterThan(60);
    expect(FILES.filter((file) => !ruleOf(file))).toEqual([]);
  });

  it("are kept by every import", () => {
    expect(IMPORTS.length).toBeGreaterThan(200);
    const broken = IMPORTS.filter(({ from, to, typeOnly }) => {
      const { may = [], typesOf = [] } = ruleOf(from) ?? {};
      return ![...may, ...(typeOnly ? typesOf : [])].some((pattern) => pattern.test(to));
    });
    expect(broken.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it.each([
    ["lib/kernel/tuning-plan", "cdktf"],
    ["lib/nodes/eks/user-data", "@cdktf/provider-google/lib/provider"],
    ["lib/nodes/eks/user-data", "@cdktf/provider-aws"],
    ["lib/nodes/aks/aks-node-pool", "lib/nodes/gke/gke-node-pool"],
    ["lib/nodes/aks/aks-node-pool", "lib/index"],
    ["stacks/eks", "lib/nodes/eks/user-data"],
    ["lib/report/report-text", "cdktf"],
    ["lib/release/companion-release", "@cdktf/provider-aws/lib/eks-cluster"],
    ["lib/release/companion-release", "lib/nodes/eks/eks-managed-node-pool"],
  ])("would catch %s importing %s", (from, to) => {
    expect(ruleOf(from)?.may.some((pattern) => pattern.test(to))).toBe(false);
  });

  it("leave no cycles", () => {
    expect(cycles()).toEqual([]);
  });

  it("let entry points re-export and do nothing else", () => {
    for (const file of FILES.filter((path) => /^lib\/[^/]+$/.test(path) && path !== "lib/errors")) {
      const rest = source(file)
        .replaceAll(/export (type )?(\*|\{[^}]*\}) from "[^"]+";/g, "")
        .replaceAll(/\/\/.*/g, "");
      expect(rest.trim(), file).toBe("");
    }
  });

  it("keep lib and the broker apart", () => {
    for (const file of sources("broker/src")) {
      expect(importsOf(file).filter(({ to }) => /^lib\//.test(to) || to === "cdktf-broker-pools")).toEqual([]);
    }
    expect(IMPORTS.filter(({ to }) => /^broker\//.test(to) || to.startsWith("@cdktf-broker-pools"))).toEqual([]);
  });
});

/** What each room of the broker may import, apart from itself. Where a file is named, the rest of its room is not to be known. */
const CODEC_TYPES = ["codec/(packet|protocol-error|reason-code|publish-frame)"];
const BROKER_ROOMS: Readonly<Record<string, readonly string[]>> = {
  codec: [],
  topics: ["codec/(packet|protocol-error|reason-code)"],
  transport: ["passing-map", "clock", "node:.*", "bun:ffi"],
  publication: ["codec/.*", "message"],
  journal: ["latency", "log", "node:.*"],
  retained: ["message", "clock", "topics/.*", "journal/.*", "persistence/records", "sys/counters", "limits/overload"],
  auth: [
    ...CODEC_TYPES,
    "transport/socket",
    "topics/(topic-filter|filter-cover)",
    "passing-(map|set)",
    "clock",
    "log",
    "jose",
    "zod",
    "node:.*",
  ],
  cluster: [
    "bans/.*",
    "client-map",
    "message",
    "clock",
    "log",
    "latency",
    "journal/(byte-reader|byte-writer|compaction|deferred|read-journal|row|row-log|store-error)",
    "persistence/(both|message-record|outgoing|owed-to-groups|durable-message-store|durable-session-store|records|session-records|session-store|store-replay|taken-numbers)",
    "session/gate",
    "retained/(retained-index|retained-store)",
    "topics/(shared-group|subscription-trie|topic-filter)",
    "@nats-io/.*",
    "node:.*",
  ],
  persistence: [
    "codec/.*",
    "journal/.*",
    "retained/durable-retained-store",
    "zod",
    "message",
    "clock",
    "log",
    "topics/topic-filter",
    "session/(delivery|subscription)",
    "node:.*",
  ],
  session: [
    ...CODEC_TYPES,
    "client-map",
    "message",
    "clock",
    "timer-wheel",
    "publication/.*",
    "topics/topic-filter",
    "sys/counters",
    "persistence/(message-store|session-store|both|owed-to-groups|taken-numbers)",
    "auth/acl-rule",
    "limits/overload",
  ],
  sys: ["message", "clock", "log", "codec/packet"],
  metrics: ["clock", "config/metrics-files", "doctor/check", "latency", "log", "sys/(reading|readings)", "prom-client", "node:.*"],
  bans: ["zod", "node:.*"],
  ctl: ["node:.*"],
  routing: [
    ...CODEC_TYPES,
    "message",
    "clock",
    "topics/.*",
    "publication/.*",
    "session/.*",
    "sys/counters",
    "cluster/backplane",
    "retained/.*",
    "persistence/(message-store|both|taken-numbers)",
  ],
  connection: [
    "codec/.*",
    "publication/.*",
    "transport/socket",
    "auth/(authenticator|enhanced-authenticator|acl-rule)",
    "session/(link|session|commits|commit-error)",
    "routing/routes",
    "sys/counters",
    "timer-wheel",
    "clock",
    "log",
  ],
  handlers: [
    "bans/.*",
    "codec/.*",
    "message",
    "passing-set",
    "clock",
    "drain/departure",
    "limits/(entrance|overload)",
    "log",
    "topics/(topic-filter|filter-cover)",
    "publication/.*",
    "connection/.*",
    "session/.*",
    "routing/.*",
    "sys/counters",
    "timer-wheel",
    "auth/.*",
    "cluster/(backplane|hosted-sessions)",
    "retained/(arriving-messages|retained-store|retained-bounds)",
    "persistence/(both|owed-to-groups|session-records|session-store)",
  ],
  admin: [
    "bans/.*",
    "retained/retained-store",
    "cluster/broker-name",
    "clock",
    "config/admin-files",
    "doctor/run-doctor",
    "drain/readiness",
    "handlers/administer",
    "log",
    "message",
    "rebalance/.*",
    "reload/(reload-error|reloads)",
    "session/(session|subscription)",
    "sys/(reading|readings)",
    "version",
    "zod",
    "node:.*",
  ],
  rebalance: ["clock", "cluster/broker-name", "codec/reason-code", "drain/departure", "log", "session/session"],
  // Runs in browsers: nothing else of the broker, no package and nothing of Node.
  dashboard: ["codec/(codec|frame|packet|reason-code)"],
  drain: ["clock", "codec/reason-code", "connection/(connection|phase)", "log", "session/session", "sys/counters"],
  listening: [
    "auth/(authenticator|enhanced-authenticator)",
    "clock",
    "config/config",
    "connection/(connection-context|offer|rate-limit)",
    "reload/reloadable",
    "transport/.*",
  ],
  reload: [
    "auth/access",
    "config/(config|resolve-listener)",
    "connection/(connection-context|offer|rate-limit)",
    "handlers/core",
    "session/session-context",
    "sys/counters",
    "log",
  ],
  limits: [
    "bans/bans",
    "config/(config|resolve-limits)",
    "log",
    "passing-set",
    "clock",
    "codec/reason-code",
    "sys/counters",
    "transport/socket",
    "node:.*",
  ],
  config: [
    "cluster/nats/engine-options",
    "doctor/plan-file",
    "transport/listener",
    "auth/(acl-file|parse-acl-file|parse-mosquitto-acl-file|user-file|password-hash|scram-credentials|http-hook|jwt-keys|jwt-settings)",
    "fastest-levenshtein",
    "zod",
    "yaml",
    "node:.*",
  ],
  doctor: ["config/config", "limits/.*", "log", "cluster/nats/probe-servers", "zod", "node:.*"],
  bench: ["codec/.*", "limits/connection-memory", "zod", "node:.*"],
  cli: [
    "ctl/.*",
    "bench/(bench|flags|options)",
    "journal/store-error",
    "persistence/(export-lines|import-store|read-store|store-counts)",
    "config/.*",
    "auth/(new-password|password-hash|sasl-prep|scram-credentials|user-lines)",
    "limits/.*",
    "doctor/.*",
    "log",
    "clock",
    "version",
    "commander",
    "yaml",
    "zod",
    "node:.*",
  ],
};

describe("the broker's rooms", () => {
  const files = sources("broker/src");
  const imports = files.flatMap(importsOf);

  it.each(Object.entries(BROKER_ROOMS))("let %s import what it may and nothing else", (room, may) => {
    const patterns = [`${room}/.*`, ...may].map((pattern) => new RegExp(`^(broker/src/)?${pattern}$`));
    const from = imports.filter((statement) => statement.from.startsWith(`broker/src/${room}/`));
    expect(from.length).toBeGreaterThan(0);
    const broken = from.filter(({ to }) => !patterns.some((pattern) => pattern.test(to)));
    expect(broken.map((statement) => `${statement.from} imports ${statement.to}`)).toEqual([]);
  });

  it("are all named here", () => {
    const rooms = new Set(files.flatMap((file) => file.match(/^broker\/src\/([^/]+)\//)?.[1] ?? []));
    expect([...rooms].sort()).toEqual(Object.keys(BROKER_ROOMS).sort());
  });

  it("are put together in one file, which nothing but the command line's entry imports", () => {
    const to = imports.filter((statement) => statement.to === "broker/src/broker");
    expect(to.map(({ from }) => from)).toEqual(["broker/src/main"]);
  });

  it("hold files of at most 400 lines, half of them at most 90", () => {
    const counts = files.map((file) => source(file).split("\n").length).sort((x, y) => x - y);
    expect(counts[Math.floor(counts.length / 2)]).toBeLessThanOrEqual(90);
    expect(files.filter((file) => source(file).split("\n").length > 400)).toEqual([]);
  });
});

describe("the size of files", () => {
  const lines = sources("lib").map((file) => ({ file, count: source(file).split("\n").length }));

  it("has a median of at most 90 lines", () => {
    const sorted = lines.map(({ count }) => count).sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(90);
  });

  it("stays below 400 lines everywhere", () => {
    expect(lines.filter(({ count }) => count > 400)).toEqual([]);
  });
});

function ruleOf(file: string) {
  return RULES.find(({ files }) => files.test(file));
}

/** Paths of the TypeScript files below `folder`, without ending. */
function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join(folder, path).replace(/\.ts$/, ""));
}

function source(file: string): string {
  return readFileSync(`${file}.ts`, "utf8");
}

function importsOf(file: string): Import[] {
  const statements = source(file).matchAll(/^(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)";/gm);
  return [...statements].map(([, type, specifier = ""]) => ({ from: file, to: resolved(file, specifier), typeOnly: type !== undefined }));
}

function resolved(file: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  const path = relative(".", join(dirname(file), specifier)).replace(/\.[jt]s$/, "");
  return path === "lib" ? "lib/index" : path;
}

/** Chains of files that end where they began. */
function cycles(): string[] {
  const next = new Map(
    FILES.map((file) => [file, IMPORTS.filter(({ from, to }) => from === file && FILES.includes(to)).map(({ to }) => to)]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  for (const file of FILES) visit(file, []);
  return found;

  function visit(file: string, path: string[]): void {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(" -> "));
    if (path.includes(file) || done.has(file)) return;
    for (const target of next.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  }
}
