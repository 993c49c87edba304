import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Command, type Contender, type GuardFiles, type Start, startFlags } from "./contender.js";
import { mosquitto } from "./mosquitto.js";
import type { BudgetOf } from "./rows.js";

const HERE = dirname(fileURLToPath(import.meta.url));
const MQTTD = join(HERE, "../dist/mqttd.js");
/** Memory is budgeted for this version of Node and later ones. */
const BUDGETED_NODE = 24;

export interface Found {
  /** In the order of the columns. */
  readonly contenders: readonly Contender[];
  /** Name and reason of those that this machine cannot run. */
  readonly missing: readonly (readonly [name: string, reason: string])[];
}

export interface Runtimes {
  readonly node: string;
  /** Undefined if the package `bun` has not brought a binary. */
  readonly bun: string | undefined;
}

/** Node as it runs this, and Bun from its npm package. */
export function findRuntimes(): Runtimes {
  const require = createRequire(import.meta.url);
  const bun = join(dirname(require.resolve("bun/package.json")), "bin/bun.exe");
  return { node: process.execPath, bun: spawnSync(bun, ["--version"]).status === 0 ? bun : undefined };
}

/** All that can be measured here. `node24` is another Node to measure as well. */
export function findContenders({ node, bun }: Runtimes, node24: string | undefined): Found {
  const contenders: Contender[] = [];
  const missing: [name: string, reason: string][] = [];
  const add = (name: string, contender: Contender | undefined, reason: string) => {
    if (contender === undefined) missing.push([name, reason]);
    else contenders.push(contender);
  };

  const notBuilt = existsSync(MQTTD) ? undefined : "broker/dist/mqttd.js is not there: npm run build";
  const noBun = "the npm package 'bun' has no binary for this machine";
  add("mqttd-node", notBuilt === undefined ? mqttdOnNode("mqttd-node", node) : undefined, notBuilt ?? "");
  if (node24 !== undefined) add("mqttd-node24", notBuilt === undefined ? mqttdOnNode("mqttd-node24", node24) : undefined, notBuilt ?? "");
  add("mqttd-bun", bun !== undefined && notBuilt === undefined ? mqttdOnBun(bun) : undefined, notBuilt ?? noBun);
  add("mosquitto", mosquitto(), "no mosquitto in PATH or /usr/sbin");
  add("aedes", aedes(node), "");
  add("null", nullBroker(bun ?? node), "");
  return { contenders, missing };
}

/** Runs a TypeScript file; only Bun can do it without help. */
export function typeScript(runtime: string, file: string): Command {
  if (isBun(runtime)) return { file: runtime, args: [file] };
  // By its address, because the current folder of a pinned process is an empty one.
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  return { file: runtime, args: ["--import", tsx, file] };
}

function mqttdOnNode(name: string, node: string): Contender {
  const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  const isBudgeted = Number(/\d+/.exec(version)?.[0]) >= BUDGETED_NODE;
  return mqttd(name, `mqttd, Node ${version.slice(1)}`, node, isBudgeted ? ["every", "node24"] : ["every"]);
}

function mqttdOnBun(bun: string): Contender {
  const version = execFileSync(bun, ["--version"], { encoding: "utf8" }).trim();
  return mqttd("mqttd-bun", `mqttd, Bun ${version}`, bun, ["every", "bun"]);
}

function mqttd(name: string, title: string, runtime: string, budgets: readonly BudgetOf[]): Contender {
  return {
    name,
    title,
    role: "ours",
    budgets,
    speaksMqtt5: true,
    speaksTls: true,
    stores: true,
    guards: true,
    program: (file) => typeScript(runtime, file),
    // Its other default ports may be taken by a broker that runs here anyway.
    command: (start) => ({ file: runtime, args: [MQTTD, "start", ...startFlags(start), "--ws-port", "off", ...mqttdFlags(start)] }),
  };
}

/** The store is in the broker's own default mode, group commit; loads without it leave nothing to store. */
function mqttdFlags({ folder, isDurable, guard }: Start): string[] {
  return [
    ...["--data-dir", join(folder, "store"), "--admin-port", "0"],
    ...(isDurable ? ["--mqtt-max-queued-messages", "100000000", "--mqtt-max-queued-bytes", String(2 ** 34)] : []),
    ...(guard ? ["--password-file", guard.passwordFile, "--authorization", JSON.stringify(authorizationOf(guard))] : []),
  ];
}

function authorizationOf({ aclFile }: GuardFiles): object[] {
  return [{ type: "acl-file", file: aclFile, format: "mosquitto" }];
}

function aedes(node: string): Contender {
  const require = createRequire(import.meta.url);
  const manifest = join(dirname(require.resolve("aedes")), "package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const script = typeScript(node, join(HERE, "aedes-broker.ts"));
  return {
    name: "aedes",
    title: `aedes ${version}`,
    role: "other",
    budgets: [],
    speaksMqtt5: false,
    speaksTls: true,
    stores: false,
    guards: false,
    command: (start) => ({ file: script.file, args: [...script.args, ...startFlags(start)] }),
  };
}

function nullBroker(runtime: string): Contender {
  const script = typeScript(runtime, join(HERE, "null-broker.ts"));
  return {
    name: "null",
    title: "ceiling of the generator",
    role: "ceiling",
    budgets: [],
    speaksMqtt5: true,
    speaksTls: false,
    stores: false,
    guards: false,
    command: ({ host, port }) => ({ file: script.file, args: [...script.args, "--host", host, "--port", String(port)] }),
  };
}

function isBun(runtime: string): boolean {
  return /\bbun(x?\.exe)?$/.test(runtime);
}
