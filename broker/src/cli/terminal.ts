import type { ReadFile } from "../config/pem-files.js";

/** What the command line touches of the process that it runs in. */
export interface Terminal {
  /** For standard output. */
  out(text: string): void;
  /** For standard error. */
  err(text: string): void;
  /** Whether standard output is a screen that shows colours. */
  readonly isScreen: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly readFile: ReadFile;
}

/** What a command ends with. */
export const EXIT = { ok: 0, failure: 1, usage: 2 } as const;
