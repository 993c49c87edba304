/** The store on disk cannot be used as it is: says which, why, and what to do. For whoever runs the broker. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

/** What the operating system said, in words that name the remedy. */
export function explained(error: unknown, directory: string): StoreError {
  if (error instanceof StoreError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const remedy = (code !== undefined && REMEDIES[code]) || `${message}`;
  return new StoreError(`the store in ${directory} cannot be written: ${remedy}`, { cause: error });
}

const OTHERWISE = "or choose another folder with --data-dir";
const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: `the disk is full: make room, ${OTHERWISE}`,
  EDQUOT: `the disk quota is used up: make room, ${OTHERWISE}`,
  EROFS: `the file system is read-only: mount it writable, ${OTHERWISE}, or keep everything in memory with --data-dir off`,
  EACCES: `permission denied: give the broker's user the folder, ${OTHERWISE}, or keep everything in memory with --data-dir off`,
  EPERM: `permission denied: give the broker's user the folder, ${OTHERWISE}, or keep everything in memory with --data-dir off`,
  ENOTDIR: `a part of the path is no folder: ${OTHERWISE.slice(3)}`,
  EEXIST: `there is a file of that name: ${OTHERWISE.slice(3)}`,
  EIO: "the disk reports an error: look at the system's log",
};
