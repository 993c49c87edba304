import type { ReadFile } from "./pem-files.js";

/** Takes what is wrong with a field of an entry. */
export type Report<Field extends string> = (field: Field, why: string) => void;

/** The files that an entry names; what is wrong with one is reported, and undefined stands for it. */
export class EntryFiles<Field extends string> {
  readonly #readFile: ReadFile;
  readonly #report: Report<Field>;
  #isComplete = true;

  constructor(readFile: ReadFile, report: Report<Field>) {
    this.#readFile = readFile;
    this.#report = report;
  }

  /** Whether nothing has been reported. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  report(field: Field, why: string): void {
    this.#isComplete = false;
    this.#report(field, why);
  }

  /** The text of a file, or undefined if none is named. */
  text(field: Field, path: string | undefined): string | undefined {
    if (path === undefined) return undefined;
    try {
      return this.#readFile(path);
    } catch (error) {
      this.report(field, `it cannot be read: ${(error as Error).message}; name a file that the broker may read`);
      return undefined;
    }
  }

  /** As `text`; `parse` throws, without a word of what the file holds, if it is not what it should be. */
  checked(field: Field, path: string | undefined, kind: string, parse: (text: string) => unknown): string | undefined {
    const text = this.text(field, path);
    if (text === undefined) return undefined;
    try {
      parse(text);
      return text;
    } catch (error) {
      this.report(field, `it holds no ${kind}: ${(error as Error).message}; name a PEM file that does`);
      return undefined;
    }
  }
}
