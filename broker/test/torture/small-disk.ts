import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BLOCK = Buffer.alloc(65_536, 1);
const BALLAST = "ballast";

/** A file system in memory that holds a few MiB. */
export class SmallDisk {
  readonly folder = mkdtempSync(join(tmpdir(), "mqttd-small-disk-"));

  /** Throws what `mount` says where it is not permitted. */
  constructor(mebibytes: number) {
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "mqttd-torture", this.folder], { stdio: "pipe" });
    } catch (error) {
      rmdirSync(this.folder);
      throw error;
    }
  }

  /** Takes all the room there is. */
  fill(): void {
    for (let size = BLOCK.length; size >= 1; size = size >> 1) {
      try {
        for (;;) writeFileSync(join(this.folder, BALLAST), BLOCK.subarray(0, size), { flag: "a" });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    }
  }

  /** Gives it back. */
  makeRoom(): void {
    rmSync(join(this.folder, BALLAST), { force: true });
  }

  unmount(): void {
    execFileSync("umount", [this.folder], { stdio: "pipe" });
    rmdirSync(this.folder);
  }
}
