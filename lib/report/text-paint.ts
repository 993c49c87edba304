import type { TuningRow } from "../kernel/tuning-row";

/** What a piece of text is; its colour follows. */
export type TextStyle = TuningRow["status"] | "heading" | "dim" | "warning";

/** Gives `text` the look of `style`, or leaves it alone. Adds no visible character. */
export type Paint = (style: TextStyle, text: string) => string;

/** ECMA-48 "select graphic rendition" parameters; the eight basic colours follow the terminal's own theme. */
const PARAMETERS: Readonly<Record<TextStyle, number>> = { heading: 1, dim: 2, set: 32, image: 36, adjusted: 33, missing: 31, warning: 33 };

/** For terminals. `util.styleText` would ask the process's own output instead of the caller. */
export function paintAnsi(style: TextStyle, text: string): string {
  return `\u001b[${PARAMETERS[style]}m${text}\u001b[0m`;
}

/** For files and pipes. */
export function paintNothing(_style: TextStyle, text: string): string {
  return text;
}
