import type { Live } from "./live.js";

/** What a tab's content is given. */
export interface Scope {
  /** Aborted when another tab is shown. */
  readonly signal: AbortSignal;
  readonly live: Live;
  /** What stands in the address behind the tab's name. */
  readonly args: readonly string[];
}

/** Shows a tab in `place`, or rejects with why it cannot. */
export type View = (place: HTMLElement, scope: Scope) => void | Promise<void>;

export function link(...segments: string[]): string {
  return `#/${segments.map(encodeURIComponent).join("/")}`;
}
