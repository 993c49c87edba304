/** A terminal that can be told not to show what is typed; `process.stdin` is one, if it is a terminal. */
export interface Keyboard {
  readonly isTTY?: boolean;
  setRawMode?(on: boolean): unknown;
  setEncoding(encoding: "utf8"): unknown;
  on(event: string, listener: (text: string) => void): unknown;
  off(event: string, listener: (text: string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

const [CTRL_C, CTRL_D, CTRL_U, BACKSPACE, DELETE] = ["\u0003", "\u0004", "\u0015", "\b", "\u007f"];

/** Asks for a line that is not shown while it is typed. Undefined if there is no terminal to type at, or it was closed or given up (Ctrl-C). */
export function readSecret(keyboard: Keyboard, show: (text: string) => void, prompt: string): Promise<string | undefined> {
  if (keyboard.isTTY !== true || keyboard.setRawMode === undefined) return Promise.resolve(undefined);
  // Before the prompt, so that nothing is shown of what is typed as soon as it is there.
  keyboard.setRawMode(true);
  keyboard.setEncoding("utf8");
  show(prompt);
  return new Promise((resolve) => {
    let typed: readonly string[] = [];
    const finish = (secret: string | undefined) => {
      keyboard.off("data", take);
      keyboard.off("end", ended);
      keyboard.setRawMode?.(false);
      keyboard.pause();
      show("\n");
      resolve(secret);
    };
    const ended = () => finish(undefined);
    const take = (text: string) => {
      for (const key of text) {
        if (key === "\r" || key === "\n") return finish(typed.join(""));
        if (key === CTRL_C || (key === CTRL_D && typed.length === 0)) return finish(undefined);
        if (key === CTRL_U) typed = [];
        else typed = key === BACKSPACE || key === DELETE ? typed.slice(0, -1) : [...typed, key];
      }
    };
    keyboard.on("data", take);
    keyboard.on("end", ended);
    keyboard.resume();
  });
}
