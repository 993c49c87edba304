import { distance } from "fastest-levenshtein";
import { InvalidSysctlError } from "../errors";
import type { ValueShape } from "./sysctl";
import { isSysctlName, SYSCTLS, type SysctlName } from "./sysctls";

/**
 * Checks a name that came from outside the type system: settings, JSON, a command line.
 *
 * @throws InvalidSysctlError when the catalogue does not have it; the message offers the nearest names
 */
export function checkSysctlName(name: string): SysctlName {
  const dotted = name.replaceAll("/", ".");
  if (isSysctlName(dotted)) return dotted;
  const nearest = nearestNames(dotted);
  throw new InvalidSysctlError(
    name,
    `is not in the catalogue${nearest.length ? `; did you mean ${nearest.join(" or ")}?` : "; lib/kernel/catalogue lists what can be set"}`,
  );
}

/**
 * Brings a value into the form of `/proc/sys`: digits with single blanks.
 *
 * @throws InvalidSysctlError for a wrong shape, a fraction, a value out of range or numbers that do not ascend
 */
export function canonicalValue(name: SysctlName, value: unknown): string {
  const { shape } = SYSCTLS[name];
  const shown = show(value);
  const text = textOf(value).trim();
  const words = Array.isArray(value) && shape.kind === "integers" ? value.map(textOf) : text.split(/\s+/);

  if (shape.kind === "text") {
    if (shape.pattern.test(text)) return text;
    throw new InvalidSysctlError(name, `is ${shown}; it takes ${shape.expects}`);
  }

  const count = shape.kind === "integer" ? 1 : shape.names.length;
  if (words.length !== count || !words.every((word) => /^-?\d+$/.test(word))) {
    throw new InvalidSysctlError(name, `is ${shown}; it takes ${describeShape(shape)}`);
  }
  const numbers = words.map(Number);
  for (const [place, number] of numbers.entries()) {
    if (number >= shape.min && number <= shape.max) continue;
    const which = shape.kind === "integer" ? "" : ` (${shape.names[place]})`;
    throw new InvalidSysctlError(
      name,
      `is ${shown}; ${words[place]}${which} is outside its range ${range(shape)}${portRemedy(name, number)}`,
    );
  }
  if (numbers.some((number, place) => place > 0 && number < numbers[place - 1]!)) {
    throw new InvalidSysctlError(name, `is ${shown}; its numbers must ascend: ${describeShape(shape)}`);
  }
  return numbers.join(" ");
}

/** What stands for a value in `/proc/sys`; empty for what has no such text. */
function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** A value as a message shows it; it may come from JSON and be anything. */
function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** Whether `actual` is as good as `wanted`: every number at least as large. Both in canonical form. */
export function covers(actual: string, wanted: string): boolean {
  const have = actual.split(" ");
  return wanted.split(" ").every((number, place) => BigInt(have[place] ?? 0) >= BigInt(number));
}

/** A shape in words, with its range. */
function describeShape(shape: ValueShape): string {
  switch (shape.kind) {
    case "integer":
      return `one integer, ${range(shape)} (${shape.unit})`;
    case "integers":
      return `${shape.names.length} integers "${shape.names.join(" ")}", each ${range(shape)} (${shape.unit})`;
    case "text":
      return shape.expects;
  }
}

function range({ min, max }: { min: number; max: number }): string {
  return `${min} to ${max}`;
}

function portRemedy(name: SysctlName, number: number): string {
  if (name !== "net.ipv4.ip_local_port_range" || number >= 1024) return "";
  return "; the kernel refuses a range that starts below ip_unprivileged_port_start (1024), write 1024";
}

/** Names of the catalogue within a few typing errors of `name`, best first. */
function nearestNames(name: string): string[] {
  const leaf = (dotted: string) => dotted.slice(dotted.lastIndexOf(".") + 1);
  return Object.keys(SYSCTLS)
    .map((known) => ({ known, away: Math.min(distance(name, known), leaf(name) === leaf(known) ? 1 : Infinity) }))
    .filter(({ away }) => away <= 4)
    .sort((a, b) => a.away - b.away)
    .slice(0, 2)
    .map(({ known }) => `'${known}'`);
}
