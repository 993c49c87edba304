import type { IConstruct } from "constructs";

/** A construct was given props it cannot work with. The message names the construct, the prop, what it got and what to change. */
export class InvalidPropsError extends Error {
  override readonly name = "InvalidPropsError";

  constructor(construct: IConstruct, prop: string, problem: string, options?: ErrorOptions) {
    super(`${construct.node.path}: '${prop}' ${problem}`, options);
  }
}

/** A sysctl name or value that no Linux kernel takes: unknown name, wrong shape, out of range. */
export class InvalidSysctlError extends Error {
  override readonly name = "InvalidSysctlError";

  constructor(
    /** The sysctl at fault, as it was written. */
    readonly sysctl: string,
    problem: string,
  ) {
    super(`sysctl '${sysctl}' ${problem}`);
  }
}

/** A profile cannot be carried out on a platform. All problems at once, each with key, value, platform and remedy. */
export class TuningError extends Error {
  override readonly name = "TuningError";

  constructor(
    /** What was refused. */
    readonly heading: string,
    /** One sentence per problem. */
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super(
      problems.length === 1 ? `${heading}: ${problems[0]}` : [`${heading}:`, ...problems.map((problem) => `  - ${problem}`)].join("\n"),
      options,
    );
  }
}

/** A workload that no broker can be sized for. All problems at once, each with setting, value and remedy. */
export class WorkloadError extends Error {
  override readonly name = "WorkloadError";

  constructor(
    /** One sentence per problem. */
    readonly problems: readonly string[],
  ) {
    super(problems.join("\n"));
  }
}

/** A load test that cannot be run as it is written. All problems at once, each with setting, value and remedy. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";

  constructor(
    /** What was refused. */
    readonly heading: string,
    /** One sentence per problem. */
    readonly problems: readonly string[],
  ) {
    super([`${heading}:`, ...problems.map((problem) => `  ${problem}`)].join("\n"));
  }
}
