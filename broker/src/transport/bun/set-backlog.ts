/** What `bun:ffi` gives for the declaration below. */
interface Ffi {
  dlopen(
    library: string,
    symbols: { listen: { args: ["i32", "i32"]; returns: "i32" } },
  ): { symbols: { listen(fd: number, backlog: number): number }; close(): void };
}

/** Names of the C library: glibc's, musl's, macOS'. */
const C_LIBRARIES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1", "libSystem.dylib"];

/**
 * Changes the backlog of a socket that listens already.
 *
 * Bun 1.4.5 cannot be told which it should ask for, but listen(2) may be called again. Returns false where that is not possible.
 */
export async function setBacklog(fd: number, backlog: number): Promise<boolean> {
  // Not a literal, so that neither TypeScript nor a bundler for Node looks for it.
  const name: string = "bun:ffi";
  const { dlopen } = (await import(name)) as Ffi;
  for (const library of C_LIBRARIES) {
    try {
      const { symbols, close } = dlopen(library, { listen: { args: ["i32", "i32"], returns: "i32" } });
      const result = symbols.listen(fd, backlog);
      close();
      return result === 0;
    } catch {
      // Not the name of this system's.
    }
  }
  return false;
}
