import { Token } from "cdktf";
import type { Taint } from "./broker-node-pool";

/** Longest name and value of labels and taints: kubernetes.io/docs/concepts/overview/working-with-objects/labels. */
const LONGEST = 63;
const LONGEST_PREFIX = 253;

const WORD = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** What else is taken where labels and taints are only matched, not set. */
interface Matching {
  /** Names in the namespaces that are reserved for Kubernetes. @default false */
  readonly reserved?: boolean;
  /** A taint without a value. @default false */
  readonly noValue?: boolean;
}

/** What is wrong with a label, or undefined. */
export function labelProblem(key: string, value: string, matching: Matching = {}): string | undefined {
  return keyProblem(`label '${key}'`, key, matching) ?? valueProblem(`label '${key}'`, value);
}

/** What is wrong with a taint, or undefined. The value must not be empty: GKE demands one, so the same pool works everywhere. */
export function taintProblem({ key, value, effect }: Taint, matching: Matching = {}): string | undefined {
  const shown = `taint '${key}=${value}:${effect}'`;
  if (value === "" && !matching.noValue) return `${shown} has no value; GKE demands one, write for example '${key}=true:${effect}'`;
  return keyProblem(shown, key, matching) ?? valueProblem(shown, value);
}

function keyProblem(shown: string, key: string, { reserved }: Matching): string | undefined {
  const slash = key.lastIndexOf("/");
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  const name = key.slice(slash + 1);
  if (prefix !== undefined && (prefix.length > LONGEST_PREFIX || !DNS_SUBDOMAIN.test(prefix))) {
    return `${shown}: the part before / must be a DNS name in lower case of at most ${LONGEST_PREFIX} characters`;
  }
  if (!reserved && prefix !== undefined && /(^|\.)(kubernetes|k8s)\.io$/.test(prefix)) {
    return `${shown} is in a namespace reserved for Kubernetes: a kubelet told to set it exits, and GKE refuses it; use a prefix of your own`;
  }
  if (name.length > LONGEST || !WORD.test(name)) {
    return `${shown}: a key has 1 to ${LONGEST} letters, digits, '-', '_' or '.', with a letter or digit at both ends; it has ${name.length}`;
  }
  return undefined;
}

function valueProblem(shown: string, value: string): string | undefined {
  // What is only known at deploy time is the cloud's to refuse.
  if (value === "" || Token.isUnresolved(value) || (value.length <= LONGEST && WORD.test(value))) return undefined;
  return `${shown}: a value has at most ${LONGEST} letters, digits, '-', '_' or '.', with a letter or digit at both ends; it has ${value.length}`;
}
