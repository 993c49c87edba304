import type { Path } from "./schema-path.js";
import { ADMIN_TOKEN_VARIABLE, CONFIG_VARIABLE, PREFIX, SETTING_PLACES, type SettingPlace } from "./setting-places.js";
import { typedText } from "./typed-text.js";

/** A tree of settings as it was written, not yet checked. */
export type Tree = Readonly<Record<string, unknown>>;

/** The settings as they were written, each source by itself. */
export interface Sources {
  readonly flags: Tree;
  readonly environment: Tree;
  /** Anything, as the file may hold no tree at all. */
  readonly file: unknown;
  /** How messages call the file; undefined without one. */
  readonly fileName: string | undefined;
}

/** All sources in one, value by value: the command line over the environment over the file. */
export function merged({ flags, environment, file }: Sources): unknown {
  return over(over(file ?? {}, environment), flags);
}

/** Texts by flag (`--ws-port`) as a tree. */
export function fromFlags(texts: ReadonlyMap<string, string>): Tree {
  return treeOf(({ flag }) => texts.get(flag));
}

/** Settings from the environment as a tree, and variables that name no setting. */
export function fromEnvironment(environment: NodeJS.ProcessEnv): { tree: Tree; unknown: readonly string[] } {
  const known = new Set([CONFIG_VARIABLE, ADMIN_TOKEN_VARIABLE, ...SETTING_PLACES.map(({ variable }) => variable)]);
  const ours = new Map(Object.entries(environment).filter(([name, text]) => name.startsWith(PREFIX) && !isServiceLink(name, text)));
  // An empty variable counts as unset, as shells and orchestrators make no difference.
  const tree = treeOf(({ variable }) => ours.get(variable)?.trim() || undefined);
  return { tree, unknown: [...ours.keys()].filter((name) => !known.has(name)) };
}

/** What is at a path of a tree. Only what the tree itself has: JSON may name `constructor`. */
export function valueAt(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (node, word) => (typeof node === "object" && node !== null && Object.hasOwn(node, word) ? Reflect.get(node, word) : undefined),
    tree,
  );
}

/**
 * Kubernetes gives every container the addresses of the services around it. Beside a service named `mqttd` these are called as ours are:
 * MQTTD_PORT=tcp://10.0.0.7:1883, MQTTD_PORT_1883_TCP_ADDR, MQTTD_SERVICE_HOST; beside one named `mqttd-nats` they begin with MQTTD_NATS_.
 */
function isServiceLink(name: string, text = ""): boolean {
  const rest = name.slice(PREFIX.length);
  return (
    /^(\w+_)?(SERVICE_(HOST|PORT(_.*)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/.test(rest) ||
    (/^(\w+_)?PORT$/.test(rest) && text.includes("://"))
  );
}

function treeOf(textOf: (place: SettingPlace) => string | undefined): Tree {
  const tree: Record<string, unknown> = {};
  for (const place of SETTING_PLACES) {
    const text = textOf(place);
    if (text === undefined) continue;
    const section = place.path.slice(0, -1).reduce(sectionOf, tree);
    section[place.path.at(-1)!] = typedText(text, place.schema);
  }
  return tree;
}

function sectionOf(tree: Record<string, unknown>, word: string): Record<string, unknown> {
  tree[word] ??= {};
  return tree[word] as Record<string, unknown>;
}

/** `wins` value by value. What is no section in `base` though it should be stays, to be reported. */
function over(base: unknown, wins: Tree): unknown {
  if (!isTree(base)) return base;
  const won = Object.entries(wins).map(([key, value]) => [key, isTree(value) && Object.hasOwn(base, key) ? over(base[key], value) : value]);
  return { ...base, ...Object.fromEntries(won) };
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
