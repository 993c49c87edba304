import { closeSync, cpSync, openSync, readdirSync, readFileSync, readSync, rmSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../codec/random.js";

/** Bytes that are changed at once where a file is overwritten. */
const MOST_BYTES = 64;

/** A folder as it was, to be put back. */
export class Copy {
  readonly #folder: string;
  readonly #copy: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#copy = `${folder}.copy`;
    rmSync(this.#copy, { recursive: true, force: true });
    cpSync(folder, this.#copy, { recursive: true, filter: isNoSocket });
  }

  putBack(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    cpSync(this.#copy, this.#folder, { recursive: true });
    this.drop();
  }

  drop(): void {
    rmSync(this.#copy, { recursive: true, force: true });
  }
}

/**
 * Harms one of the files in a folder as a disk or an administrator might: cuts it off, or changes bytes in its first half. Says what it did.
 * Later bytes are left alone, as they may be those of the last write: one that was interrupted looks the same.
 */
export function damage(folder: string, random: Random): string {
  const files = readdirSync(folder).map((name) => ({ name, size: usedBytes(join(folder, name)) }));
  const { name, size } = random.pick(files.filter((file) => file.size > 0).sort((a, b) => (a.name < b.name ? -1 : 1)));
  const path = join(folder, name);
  if (random.chance(2)) {
    const length = random.integer(0, size - 1);
    truncateSync(path, length);
    return `${name} cut from ${size} to ${length} bytes`;
  }
  const at = random.integer(0, size >> 1);
  const length = Math.min(random.integer(1, MOST_BYTES), size - at);
  const file = openSync(path, "r+");
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, at);
  for (let i = 0; i < length; i++) bytes[i] = bytes[i]! ^ random.integer(1, 255);
  writeSync(file, bytes, 0, length, at);
  closeSync(file);
  return `${name}: ${length} bytes changed at ${at} of ${size}`;
}

function isNoSocket(path: string): boolean {
  return !statSync(path).isSocket();
}

/** Without zeros at the end, which a file may have been given to grow into. */
function usedBytes(path: string): number {
  if (!statSync(path).isFile()) return 0;
  const bytes = readFileSync(path);
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}
