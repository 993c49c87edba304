/** Everything that is wrong with the settings, a line each with setting, value, remedy and the place to mend it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(readonly problems: readonly string[]) {
    super(
      [
        `${problems.length} ${problems.length === 1 ? "setting is" : "settings are"} wrong:`,
        ...problems.map((problem) => `  - ${problem}`),
      ].join("\n"),
    );
  }
}
