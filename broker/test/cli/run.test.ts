import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { run } from "../../src/cli/run.js";
import type { Config } from "../../src/config/config.js";
import { configFrom } from "../../src/config/load-config.js";
import { SETTING_PLACES } from "../../src/config/setting-places.js";
import { VERSION } from "../../src/version.js";
import { files } from "../config/problems-of.js";

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What was started, if anything was. */
  readonly served: Config | undefined;
}

interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly texts?: Readonly<Record<string, string>>;
  readonly serveCode?: number;
}

async function mqttd(argv: readonly string[], { env = {}, texts = {}, serveCode = 0 }: Surroundings = {}): Promise<Ran> {
  let [out, err] = ["", ""];
  let served: Config | undefined;
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    err: (text: string) => {
      err += text;
    },
    isScreen: false,
    env: { MQTTD_DATA_DIR: "off", MQTTD_ADMIN_PORT: "off", ...env },
    readFile: files(texts),
    readSecret: async () => undefined,
    readInput: async () => "",
  };
  const serve = async (config: Config) => {
    served = config;
    return serveCode;
  };
  const code = await run(argv, terminal, serve, () => Promise.reject(new Error("no load is wanted here")));
  return { code, out, err, served };
}

describe("mqttd start", () => {
  it("serves what the command line, the environment and the file say", async () => {
    const { code, served } = await mqttd(["start", "--port", "1", "--config", "m.yaml", "--proxy-protocol"], {
      env: { MQTTD_WS_PORT: "off" },
      texts: { "m.yaml": "mqtt: {maxQos: 1}" },
    });
    expect(code).toBe(0);
    expect(served).toEqual(configFrom({ port: 1, wsPort: "off", proxyProtocol: true, mqtt: { maxQos: 1 } }, files({})));
  });

  it("takes a flag of a boolean with and without a value, and the last of two", async () => {
    const port = async (...flags: string[]) => (await mqttd(["start", ...flags])).served?.listeners[0];
    expect((await port("--proxy-protocol"))?.proxyProtocol).toBeDefined();
    expect((await port("--proxy-protocol", "true"))?.proxyProtocol).toBeDefined();
    expect((await port("--proxy-protocol=false"))?.proxyProtocol).toBeUndefined();
    expect((await port("--port", "1", "--port", "2"))?.port).toBe(2);
  });

  it("ends with the code that serving ends with", async () => {
    expect((await mqttd(["start"], { serveCode: 1 })).code).toBe(1);
  });

  it("starts nothing while a setting is wrong, says all of them and ends with 1", async () => {
    const { code, out, err, served } = await mqttd(["start", "--port", "x", "--admin-port", "y"]);
    expect({ code, out, served }).toEqual({ code: 1, out: "", served: undefined });
    expect(err).toMatch(/^mqttd: 2 settings are wrong:\n {2}- port is "x"; .*\n {2}- admin\.port is "y"; .*\n$/);
  });
});

describe("mqttd config check", () => {
  it("says what the settings make", async () => {
    const { code, out, served } = await mqttd(["config", "check", "--max-connections", "100"]);
    expect({ code, served }).toEqual({ code: 0, served: undefined });
    expect(out).toBe(
      "OK: 2 listeners, at most 100 connections\n" +
        "  tcp:default: tcp on 127.0.0.1:1883, anyone may connect\n" +
        "  ws:default: ws on 127.0.0.1:8083, path /mqtt, anyone may connect\n",
    );
  });

  it("says everything that is wrong and ends with 1", async () => {
    const { code, out, err } = await mqttd(["config", "check", "--config", "m.yaml"], { texts: { "m.yaml": "prot: 1\nhost: 0.0.0.0" } });
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("did you mean port?");
    expect(err).toContain("allowAnonymous is not set");
  });
});

describe("mqttd config print", () => {
  it("prints every setting as a file that makes the same", async () => {
    const { code, out } = await mqttd(["config", "print", "--mqtt-max-qos", "1"]);
    expect(code).toBe(0);
    expect(parse(out)).toMatchObject({ port: 1883, wsPort: 8083, tlsPort: "off", mqtt: { maxQos: 1 } });
    expect(configFrom(parse(out), files({}))).toEqual(configFrom({ mqtt: { maxQos: 1 } }, files({})));
  });

  it("prints no short form beside listeners, so that it can be used again", async () => {
    const { out } = await mqttd(["config", "print", "--listeners", '[{"port":1}]']);
    expect(parse(out)).not.toHaveProperty("wsPort");
    expect(configFrom(parse(out), files({}))).toEqual(configFrom({ listeners: [{ port: 1 }] }, files({})));
  });
});

describe("a command line that is not understood", () => {
  it.each([
    [["strat"], "unknown command 'strat'\n(Did you mean start?)"],
    [["clt"], "unknown command 'clt'"],
    [["bench"], "Usage: mqttd bench"],
    [["doctor", "--connections", "0"], "It takes a whole number from 1"],
    [["doctor", "--require", "luck"], "luck is no check: there are open-files, memory"],
    [["start", "--prot", "1"], "unknown option '--prot'\n(Did you mean --port?)"],
    [["start", "--port"], "option '--port <number>' argument missing"],
    [["start", "more"], "too many arguments"],
    [["config", "chek"], "unknown command 'chek'\n(Did you mean check?)"],
    [[], "Usage: mqttd"],
    [["config"], "Usage: mqttd config"],
  ])("%j ends with 2 and says why", async (argv, problem) => {
    const { code, out, err, served } = await mqttd(argv);
    expect({ code, out, served }).toEqual({ code: 2, out: "", served: undefined });
    expect(err).toContain(problem);
  });
});

describe("help", () => {
  it("of mqttd lists the commands there are and no others", async () => {
    const { code, out } = await mqttd(["--help"]);
    expect(code).toBe(0);
    expect(out).toContain("start [options]");
    expect(out).toContain("Exit codes: 0 all well, 1 it failed, 2 the command line is not understood.");
  });

  it("of start has every setting with its default, in groups, and examples", async () => {
    const { code, out } = await mqttd(["start", "--help"]);
    expect(code).toBe(0);
    for (const { flag, byDefault } of SETTING_PLACES) {
      const line = out.split("\n").find((text) => text.trim().startsWith(`${flag} `)) ?? "";
      expect(line, flag).not.toBe("");
      const standard = typeof byDefault === "string" ? byDefault : JSON.stringify(byDefault);
      if (byDefault !== undefined && line.length > 78) expect(out, flag).toContain(`(default: ${standard})`);
    }
    for (const group of ["Configuration:", "Listeners:", "MQTT:", "Process:", "Log:", "Examples:"]) expect(out).toContain(`\n${group}\n`);
  });

  it("has examples that are right", async () => {
    const { out } = await mqttd(["start", "--help"]);
    const examples = [...out.matchAll(/^ {2}mqttd (.*)$/gm)].map(([, rest = ""]) => rest.split(" "));
    expect(examples.length).toBeGreaterThan(2);
    for (const argv of examples) {
      const { err } = await mqttd(argv);
      // The files of the example are not here.
      expect(err.replaceAll(/ {2}- .*cannot be read: ENOENT.*\n/g, "")).toMatch(/^(|mqttd: 2 settings are wrong:\n)$/);
    }
  });
});

describe("mqttd --version", () => {
  it("prints the version alone", async () => {
    expect(await mqttd(["--version"])).toMatchObject({ code: 0, out: `${VERSION}\n` });
  });
});
