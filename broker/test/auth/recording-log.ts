import type { Log, LogFields, LogLevel } from "../../src/log.js";

/** A log that keeps its lines. */
export class RecordingLog implements Log {
  readonly lines: { readonly level: LogLevel; readonly message: string; readonly fields: LogFields }[] = [];

  trace = this.#writer("trace");
  debug = this.#writer("debug");
  info = this.#writer("info");
  warn = this.#writer("warn");
  error = this.#writer("error");
  fatal = this.#writer("fatal");

  isLevelEnabled(): boolean {
    return true;
  }

  child(): Log {
    return this;
  }

  /** All there is, to look for what must not be there. */
  get text(): string {
    return JSON.stringify(this.lines);
  }

  /** Levels of the lines, in order. */
  get levels(): readonly LogLevel[] {
    return this.lines.map(({ level }) => level);
  }

  #writer(level: LogLevel) {
    return (fields: LogFields, message: string) => void this.lines.push({ level, message, fields });
  }
}
