import { InvalidSysctlError } from "../errors";
import { STOCK_CONTAINER_SOFT_LIMIT } from "./open-files";
import { type Folklore, LOAD_GENERATOR_VALUES, MILLION_VALUES, type ProfileValues, valuesForConnections } from "./profile-values";
import { canonicalValue, checkSysctlName } from "./sysctl-value";
import { catalogueOrder, type SysctlName, type SysctlValues } from "./sysctls";

/**
 * What happens where a platform cannot give a key: `required` is an error at synth, `advised` a warning and a row in the report.
 */
export type Need = "required" | "advised";

/** One line of a profile. */
export interface ProfileEntry {
  readonly name: SysctlName;
  /** As `/proc/sys` prints it: digits with single blanks. */
  readonly value: string;
  readonly need: Need;
  /** What the list in circulation says, where the profile corrects it. */
  readonly original?: Folklore;
}

/** The open-file limit that each container of a pool gets. */
export interface OpenFiles {
  /** RLIMIT_NOFILE, soft and hard alike: Erlang does not raise its soft limit, so they must not differ. */
  readonly limit: number;
  readonly need: Need;
}

/** What a changed profile's name ends with until it gets one of its own. */
const CHANGED = " (changed)";

/** Connections `forConnections` computes for. */
const MOST_CONNECTIONS = 10_000_000;

/**
 * What is wanted of a node's kernel and of the pods on it, said once. Immutable: `with` and its siblings return a new profile.
 *
 * @example
 * SysctlProfile.MILLION.with({ "net.core.somaxconn": 65_535 }).without("net.core.optmem_max")
 */
export class SysctlProfile {
  /** The reference set for a million MQTT connections, corrected where it fails or harms today. */
  static readonly MILLION = new SysctlProfile("million", filesOf(MILLION_VALUES), entriesOf(MILLION_VALUES));

  /** For nodes that open connections: every port from 1024, ports reused early. */
  static readonly LOAD_GENERATOR = new SysctlProfile("load-generator", filesOf(LOAD_GENERATOR_VALUES), entriesOf(LOAD_GENERATOR_VALUES));

  /**
   * Values computed for so many connections on one node; `valuesForConnections` has the formulas.
   *
   * @param connections whole number from 1 to 10,000,000
   * @throws RangeError outside that range
   */
  static forConnections(connections: number): SysctlProfile {
    if (!Number.isSafeInteger(connections) || connections < 1 || connections > MOST_CONNECTIONS) {
      throw new RangeError(`'connections' is ${connections}; a node's profile takes a whole number from 1 to ${MOST_CONNECTIONS}`);
    }
    const values = valuesForConnections(connections);
    return new SysctlProfile(`${connections}-connections`, filesOf(values), entriesOf(values));
  }

  /** A profile of nothing but these keys, all required, with the open-file limit a stock EKS node gives (65,536), advised. */
  static of(name: string, values: SysctlValues): SysctlProfile {
    return new SysctlProfile(name, { limit: STOCK_CONTAINER_SOFT_LIMIT, need: "advised" }, []).with(values).named(name);
  }

  readonly #entries: ReadonlyMap<SysctlName, ProfileEntry>;

  private constructor(
    /** What reports call it. */
    readonly name: string,
    readonly openFiles: OpenFiles,
    entries: Iterable<ProfileEntry>,
  ) {
    if (!/^[A-Za-z0-9][A-Za-z0-9 ._()-]{0,62}$/.test(name.replace(CHANGED, ""))) {
      throw new RangeError(
        `profile name '${name}' must have 1 to 63 letters, digits, blanks, '.', '_', '-' or brackets; it goes into scripts and reports`,
      );
    }
    const sorted = [...entries].sort((a, b) => catalogueOrder(a.name) - catalogueOrder(b.name));
    this.#entries = new Map(sorted.map((entry) => [entry.name, Object.freeze(entry)]));
  }

  /** All keys, in the catalogue's order. */
  get entries(): readonly ProfileEntry[] {
    return [...this.#entries.values()];
  }

  /** The wanted value of one key, or undefined. */
  get(name: SysctlName): string | undefined {
    return this.#entries.get(name)?.value;
  }

  /**
   * A profile with these values too.
   *
   * @param values numbers, tuples or text as in `/proc/sys`; names from JSON are checked as well
   * @param need for all of them. @default - what the profile says for a key it has; `required` for a new one
   * @throws InvalidSysctlError for an unknown name, a wrong shape or a value out of range
   */
  with(values: SysctlValues, need?: Need): SysctlProfile {
    const entries = new Map(this.#entries);
    for (const [key, value] of Object.entries(values)) {
      const name = checkSysctlName(key);
      if (value === undefined) continue;
      entries.set(name, { name, value: canonicalValue(name, value), need: need ?? entries.get(name)?.need ?? "required" });
    }
    return new SysctlProfile(this.#changedName(), this.openFiles, entries.values());
  }

  /** A profile without these keys. @throws InvalidSysctlError for a name it does not have, which is probably a mistake */
  without(...names: readonly SysctlName[]): SysctlProfile {
    const entries = new Map(this.#entries);
    for (const name of names) {
      if (!entries.delete(checkSysctlName(name))) {
        throw new InvalidSysctlError(
          name,
          `is not in profile '${this.name}', so it cannot be taken out; it has ${[...this.#entries.keys()].join(", ")}`,
        );
      }
    }
    return new SysctlProfile(this.#changedName(), this.openFiles, entries.values());
  }

  /** A profile that fails where a platform cannot give one of these keys. */
  requiring(...names: readonly SysctlName[]): SysctlProfile {
    return this.#withNeed(names, "required");
  }

  /** A profile that only warns where a platform cannot give one of these keys. */
  advising(...names: readonly SysctlName[]): SysctlProfile {
    return this.#withNeed(names, "advised");
  }

  /**
   * A profile with another open-file limit for containers.
   *
   * @param limit files, 1,024 to 2,147,483,584 (the kernel's ceiling for `fs.nr_open`)
   * @param need @default - as before
   * @throws RangeError outside that range
   */
  withOpenFiles(limit: number, need: Need = this.openFiles.need): SysctlProfile {
    if (!Number.isSafeInteger(limit) || limit < 1024 || limit > 2_147_483_584) {
      throw new RangeError(`'limit' is ${limit}; a container's open-file limit is a whole number from 1024 to 2147483584`);
    }
    return new SysctlProfile(this.#changedName(), { limit, need }, this.#entries.values());
  }

  /** The same profile under a name of your own. */
  named(name: string): SysctlProfile {
    return new SysctlProfile(name, this.openFiles, this.#entries.values());
  }

  #withNeed(names: readonly SysctlName[], need: Need): SysctlProfile {
    const entries = new Map(this.#entries);
    for (const name of names) {
      const entry = entries.get(checkSysctlName(name));
      if (!entry) throw new InvalidSysctlError(name, `is not in profile '${this.name}'; add it with its value by with()`);
      entries.set(name, { ...entry, need });
    }
    return new SysctlProfile(this.#changedName(), this.openFiles, entries.values());
  }

  #changedName(): string {
    return this.name.endsWith(CHANGED) ? this.name : `${this.name}${CHANGED}`;
  }
}

function filesOf({ openFiles }: ProfileValues): OpenFiles {
  return { limit: openFiles, need: "required" };
}

function entriesOf({ values, required, originals }: ProfileValues): ProfileEntry[] {
  return Object.entries(values).map(([key, value]) => {
    const name = checkSysctlName(key);
    const original = originals[name];
    const need: Need = required.includes(name) ? "required" : "advised";
    return { name, value: canonicalValue(name, value), need, ...(original && { original }) };
  });
}
