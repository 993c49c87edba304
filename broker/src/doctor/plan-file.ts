import * as z from "zod";

/** What the first line of a plan file says, so that no other JSON is taken for one. */
const FORMAT = "cdktf-broker-pools/tuning-plan";

/** The row of the container's open-file limit; every other key is a sysctl. */
export const OPEN_FILES_KEY = "RLIMIT_NOFILE";

/** `net.core.somaxconn`. Nothing in it leads out of /proc/sys. */
const KEY = /^(?:RLIMIT_NOFILE|[a-z0-9_]+(?:\.[a-z0-9_-]+)+)$/;
const WHOLE_NUMBERS = /^-?\d+( -?\d+)*$/;

const value = z.string().regex(/^\S+( \S+)*$/, "takes a value as /proc/sys prints it, single blanks between its parts");
const line = z.string().trim().min(1, "takes one sentence");

const PlanKey = z
  .strictObject({
    key: z.string().regex(KEY, `takes the name of a sysctl with dots, or ${OPEN_FILES_KEY}`),
    /** What the profile wants; absent for a key that only the platform brings in. */
    wanted: value.optional(),
    /** What the plan puts in force; absent where nothing sets it. */
    expected: value.optional(),
    /** Whether more is as good, number by number, or only the very value. */
    comparison: z.enum(["at-least", "equal"]),
    /** Whether a broker may serve without it. */
    need: z.enum(["required", "advised"]),
    /** Who puts it in force; nobody, if empty. */
    setBy: z.array(z.enum(["node", "pod", "image"])),
    /** `set` as wanted; `image`: the image has as much already; `adjusted`: set, to another value; `missing`: nothing gives it. */
    status: z.enum(["set", "image", "adjusted", "missing"]),
    /** What to change where it is not so, in one sentence. */
    remedy: line,
  })
  .superRefine(({ key, wanted, expected, comparison }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    if (wanted === undefined && expected === undefined)
      refuse("wanted", `takes a value where there is no 'expected': ${key} asks for nothing`);
    if (key === OPEN_FILES_KEY && comparison !== "at-least") refuse("comparison", `is at-least for ${OPEN_FILES_KEY}`);
    if (comparison === "equal") return;
    for (const [field, text] of Object.entries({ wanted, expected })) {
      if (text !== undefined && !WHOLE_NUMBERS.test(text)) refuse(field, "takes whole numbers where the comparison is at-least");
    }
  });

/**
 * The tuning plan of a node pool as data: what `lib` decided at synth, carried by the chart as `plan.json`, read here and by nobody else.
 * `lib` and the broker share no code, so this is their contract. Values are texts as `/proc/sys` prints them, since some are no numbers
 * (`ip_local_port_range`) and some are larger than JSON's are exact (`fs.file-max`). A field that is not named here is refused; a
 * change that an older broker would misread takes another `version`.
 */
const PlanFile = z
  .strictObject({
    format: z.literal(FORMAT, `takes "${FORMAT}": this is no tuning plan`),
    version: z.literal(1, "takes 1, which is all that this broker knows: use a broker of the release that made the plan"),
    /** Path of the pool in its app. */
    pool: line,
    /** Operating system and cloud of its nodes. */
    platform: line,
    kubernetesVersion: z.string().regex(/^\d+\.\d+(\.\d+)?$/, "takes a version: 1.34"),
    /** Name of the profile. */
    profile: line,
    /** Pods use the node's network namespace, and see the node's `net.*` keys. */
    hostNetwork: z.boolean(),
    keys: z.array(PlanKey),
  })
  .superRefine(({ keys }, context) => {
    const seen = new Set<string>();
    keys.forEach(({ key }, index) => {
      if (seen.has(key)) context.addIssue({ code: "custom", path: ["keys", index, "key"], message: "stands there twice" });
      seen.add(key);
    });
  });

/** A plan that has been read. */
export type Plan = Readonly<z.infer<typeof PlanFile>>;

/** One key of it. */
export type PlanKey = Readonly<z.infer<typeof PlanKey>>;

/** A text that is no plan: each field that is wrong, with what it takes. */
export class PlanError extends Error {
  override readonly name = "PlanError";
}

/**
 * Reads a plan.
 *
 * @throws PlanError with everything that is wrong
 */
export function parsePlan(text: string): Plan {
  const parsed = PlanFile.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  // Another kind of file, or another version of it, has nothing else to be said of.
  const decisive = issues.filter(({ path: [field] }) => field === "format" || field === "version");
  const told = decisive.length > 0 ? decisive.slice(0, 1) : issues;
  throw new PlanError(told.map(({ path, message }) => `${nameOf(path)}: ${message}`).join("; "));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PlanError(`it is not JSON: ${(error as Error).message}`);
  }
}

/** `keys[3].wanted`. */
function nameOf(place: readonly PropertyKey[]): string {
  const name = place.map((word) => (typeof word === "number" ? `[${word}]` : `.${String(word)}`)).join("");
  return name.replace(/^\./, "") || "the plan";
}
