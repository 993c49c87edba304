const COLOURS: Readonly<Record<string, number>> = { TRACE: 90, DEBUG: 34, INFO: 32, WARN: 33, ERROR: 31, FATAL: 41 };
const MESSAGE_COLOUR = 36;

/**
 * A line of the log for people: local time, level, message, fields as JSON, and below it where an error came from. Twenty lines in place of
 * pino-pretty, which would take ten KiB of a bundle that a Helm release holds twice.
 */
export function prettyLine(line: string, isColoured: boolean): string {
  const { time, level, msg, err, ...fields } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const painted = (text: string, colour: number) => (isColoured ? `\u001b[${colour}m${text}\u001b[39;49m` : text);
  const word = String(level).toUpperCase();
  const { stack, ...ofError } = (err ?? {}) as Readonly<Record<string, unknown>>;
  const more = { ...fields, ...(err !== undefined && { err: ofError }) };
  const rest = Object.keys(more).length > 0 ? ` ${JSON.stringify(more)}` : "";
  const from = typeof stack === "string" ? `${stack.replaceAll(/^/gm, "    ")}\n` : "";
  return `[${localTime(String(time))}] ${painted(word, COLOURS[word] ?? MESSAGE_COLOUR)}: ${painted(String(msg), MESSAGE_COLOUR)}${rest}\n${from}`;
}

/** Of ISO 8601: 18:30:00.123 */
function localTime(iso: string): string {
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(11, 23);
}
