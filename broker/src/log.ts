import { type DestinationStream, destination, type LoggerOptions, pino, stdTimeFunctions } from "pino";
import { prettyLine } from "./pretty-line.js";

/** What a line tells besides its message; an error under `err`. */
export type LogFields = Readonly<Record<string, unknown>>;

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

/** What the broker logs through. Messages are for people and constant; what varies is in the fields. */
export interface Log {
  trace(fields: LogFields, message: string): void;
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  fatal(fields: LogFields, message: string): void;
  /** Whether a line of this level would be written; ask before making fields that cost something. */
  isLevelEnabled(level: LogLevel): boolean;
  /** A log whose every line has these fields too. */
  child(fields: LogFields): Log;
}

/** A log whose least weight can be changed while it is used. */
export interface AdjustableLog extends Log {
  level: string;
}

export interface LogOptions {
  /** Least weight that is written. */
  readonly level: LogLevel | "silent";
  /** "json" is a line of JSON each, "pretty" is for people. */
  readonly format: "json" | "pretty";
  /** Colours of "pretty". @default false */
  readonly colour?: boolean;
  /** @default 1, standard output */
  readonly fileDescriptor?: number;
}

/** What must never be in a log, should it ever be given to one. */
const SECRETS = ["password", "*.password", "key", "*.key", "*.*.key", "authenticationData", "*.authenticationData"];

/**
 * Opens a log.
 *
 * Every line is written before the call returns, so that none is lost when the process ends, however it ends. A reader that stops reading
 * therefore stops the broker once the pipe is full, as it does most servers; one that goes away does not. The alternative, pino's
 * asynchronous destination, never ends in `flushSync` when the reader has gone (sonic-boom 4.2.1 repeats the write for ever).
 */
export function openLog({ level, format, colour = false, fileDescriptor = 1 }: LogOptions): AdjustableLog {
  const output = destination({ dest: fileDescriptor, sync: true });
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: SECRETS,
  };
  return pino(options, format === "json" ? output : prettyOutput(output, colour));
}

/** In this thread, as a worker of pino's transports would have to be a file of its own beside the bundle. */
function prettyOutput(output: DestinationStream, isColoured: boolean): DestinationStream {
  return { write: (line) => output.write(prettyLine(line, isColoured)) };
}
