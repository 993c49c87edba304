import { run } from "../../src/cli/run.js";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

/** Runs the command line in this process. */
export async function mqttd(argv: readonly string[], { env = {}, files = {} }: Surroundings = {}): Promise<Ran> {
  let [out, err] = ["", ""];
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
    isScreen: false,
    env,
    readFile: (path: string) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: "ENOENT" });
      return text;
    },
    readSecret: async () => undefined,
    readInput: async () => "",
  };
  const code = await run(
    argv,
    terminal,
    async () => 0,
    async () => 0,
  );
  return { code, out, err };
}
