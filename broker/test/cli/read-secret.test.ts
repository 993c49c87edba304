import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { readSecret } from "../../src/cli/read-secret.js";

/** A terminal at which the test types. */
class Keys extends EventEmitter {
  readonly isTTY: boolean;
  readonly modes: string[] = [];

  constructor(isTTY = true) {
    super();
    this.isTTY = isTTY;
  }

  setRawMode(on: boolean): void {
    this.modes.push(on ? "raw" : "as before");
  }

  setEncoding(): void {}
  resume(): void {}
  pause(): void {
    this.modes.push("paused");
  }
}

async function typing(...keys: readonly string[]) {
  const keyboard = new Keys();
  let shown = "";
  const secret = readSecret(keyboard, (text) => (shown += text), "Password: ");
  for (const text of keys) keyboard.emit("data", text);
  return { secret: await secret, shown, keyboard };
}

describe("readSecret()", () => {
  it("takes a line and shows nothing of it", async () => {
    const { secret, shown, keyboard } = await typing("s", "3c", "rét \u{1f600}", "\r");
    expect(secret).toBe("s3crét \u{1f600}");
    expect(shown).toBe("Password: \n");
    expect(keyboard.modes).toEqual(["raw", "as before", "paused"]);
    expect(keyboard.eventNames()).toEqual([]);
  });

  it("lets be corrected what was typed", async () => {
    expect((await typing("ab\u{1f600}\x7fc\b\bd\n")).secret).toBe("ad");
    expect((await typing("wrong\x15right\n")).secret).toBe("right");
    expect((await typing("\x7f\x7fa\n")).secret).toBe("a");
  });

  it.each(["\x03", "ab\x03", "\x04"])("can be given up: %j", async (keys) => {
    const { secret, keyboard } = await typing(keys);
    expect(secret).toBeUndefined();
    expect(keyboard.modes).toEqual(["raw", "as before", "paused"]);
  });

  it("ends with the terminal", async () => {
    const keyboard = new Keys();
    const secret = readSecret(keyboard, () => {}, "");
    keyboard.emit("end");
    expect(await secret).toBeUndefined();
  });

  it("asks nobody where there is no terminal", async () => {
    let shown = "";
    expect(await readSecret(new Keys(false), (text) => (shown += text), "Password: ")).toBeUndefined();
    expect(shown).toBe("");
  });
});
