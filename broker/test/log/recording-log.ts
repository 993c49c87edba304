import type { Log, LogFields, LogLevel } from "../../src/log.js";

export interface LogLine {
  readonly level: LogLevel;
  readonly fields: LogFields;
  readonly message: string;
}

/** Keeps what is logged for a test to look at. */
export class RecordingLog implements Log {
  readonly lines: LogLine[] = [];

  trace = this.#keep("trace");
  debug = this.#keep("debug");
  info = this.#keep("info");
  warn = this.#keep("warn");
  error = this.#keep("error");
  fatal = this.#keep("fatal");

  get messages(): readonly string[] {
    return this.lines.map(({ message }) => message);
  }

  isLevelEnabled(): boolean {
    return true;
  }

  child(): Log {
    return this;
  }

  #keep(level: LogLevel) {
    return (fields: LogFields, message: string) => {
      this.lines.push({ level, fields, message });
    };
  }
}
