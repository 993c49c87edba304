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
  /** Asks for a line that is not shown while it is typed; undefined where nobody can be asked. */
  readSecret(prompt: string): Promise<string | undefined>;
  /** The whole of standard input. */
  readInput(): Promise<string>;
}

/** What a command ends with. */
export const EXIT = { ok: 0, failure: 1, usage: 2 } as const;
