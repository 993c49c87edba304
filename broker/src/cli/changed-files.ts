import { statSync } from "node:fs";

/** Reads files, and says whether any of them is another one by now: Kubernetes, cert-manager and editors put a new file in an old one's place. */
export class ChangedFiles {
  readonly #readFile: (path: string) => string;
  readonly #marks = new Map<string, string>();

  constructor(readFile: (path: string) => string) {
    this.#readFile = readFile;
  }

  /** The text of a file, which counts as known from then on, also if it cannot be read. */
  readonly read = (path: string): string => {
    // Before it is read: what changes meanwhile has changed afterwards.
    this.#marks.set(path, markOf(path));
    return this.#readFile(path);
  };

  /** Whether one of the files read is not what it was. A few stats of a few files: as cheap as anything that is asynchronous. */
  get any(): boolean {
    for (const [path, mark] of this.#marks) if (markOf(path) !== mark) return true;
    return false;
  }
}

/** Symbolic links are followed, so that one of Kubernetes' volumes, which is swapped as a whole, shows. */
function markOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found ? `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}` : "none";
}
