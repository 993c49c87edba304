import type { AcceptedRange, Platform } from "./platforms/platform";
import type { ProfileEntry } from "./sysctl-profile";
import { covers } from "./sysctl-value";
import { SYSCTLS } from "./sysctls";

/** How a node value is applied: only where it raises what is there, or as it stands. */
export type Semantics = "raise-only" | "absolute";

/** Outcome of asking a platform for a node value. */
export type NodePlacement =
  | { readonly kind: "set"; readonly value: string; readonly semantics: Semantics }
  /** Set to the nearest value the platform takes. */
  | { readonly kind: "adjusted"; readonly value: string; readonly semantics: Semantics; readonly reason: string }
  /** The image has as much already, and an assignment could only lower it. */
  | { readonly kind: "image"; readonly reason: string }
  | { readonly kind: "unsupported"; readonly reason: string };

/** Units whose numbers are names for behaviours; the nearest one is another behaviour. */
const NOT_A_QUANTITY = new Set(["mode", "switch", "bits"]);

/** What `platform` makes of `entry` on the node. */
export function placeOnNode(entry: ProfileEntry, platform: Platform): NodePlacement {
  const { name, value, need } = entry;
  const { atLeast, shape, sizedFromMemory } = SYSCTLS[name];

  if (platform.node.by === "nobody") {
    return { kind: "unsupported", reason: "nothing here sets it on nodes that are not ours; the pod's doctor says what they have" };
  }

  if (platform.node.by === "script") return { kind: "set", value, semantics: atLeast ? "raise-only" : "absolute" };

  const image = platform.imageDefaults[name];
  if (image && atLeast && covers(image.value, value)) {
    return {
      kind: "image",
      reason: `left alone: the image has ${image.value} (${image.source}) and ${platform.title} can only assign, which could only lower it`,
    };
  }
  if (sizedFromMemory && need === "advised") {
    return {
      kind: "unsupported",
      reason: `left to the kernel, which sizes it from the node's memory: ${platform.title} can only assign, which may lower it; require the key to have it assigned`,
    };
  }
  if (platform.node.by === "settings") return { kind: "set", value, semantics: "absolute" };

  const accepted = platform.node.accepts[name];
  if (!accepted) return { kind: "unsupported", reason: `${platform.title} has no node setting for it` };
  if (accepted === "any" || shape.kind === "text") return { kind: "set", value, semantics: "absolute" };

  const numbers = value.split(" ").map(Number);
  const ranges = numbers.map((_, place) => rangeAt(accepted, place));
  const nearest = numbers.map((number, place) => Math.min(ranges[place]!.max, Math.max(ranges[place]!.min, number))).join(" ");
  if (nearest === value) return { kind: "set", value, semantics: "absolute" };

  const reason = `${platform.title} takes ${ranges.map(({ min, max }) => `${min} to ${max}`).join(" and ")}`;
  if (NOT_A_QUANTITY.has(shape.unit)) return { kind: "unsupported", reason };
  return { kind: "adjusted", value: nearest, semantics: "absolute", reason: `${reason}, so ${nearest} instead of ${value}` };
}

function rangeAt(accepted: AcceptedRange | readonly AcceptedRange[], place: number): AcceptedRange {
  return "min" in accepted ? accepted : accepted[place]!;
}
