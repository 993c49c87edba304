import { describe, expect, it } from "vitest";
import { configFrom, loadConfig } from "../../src/config/load-config.js";
import { files } from "./problems-of.js";

const dataDir = (env: NodeJS.ProcessEnv) => loadConfig({ env, readFile: files({}) }).dataDir;

describe("dataDir", () => {
  it.each<[env: NodeJS.ProcessEnv, directory: string | undefined, why: string]>([
    [{ HOME: "/home/me" }, "/home/me/.local/state/mqttd", "a user's"],
    [{ HOME: "/home/me", XDG_STATE_HOME: "/state" }, "/state/mqttd", "a user's, who keeps state elsewhere"],
    [{ HOME: "/home/me", XDG_STATE_HOME: "relative" }, "/home/me/.local/state/mqttd", "the specification has relative paths ignored"],
    [{ HOME: "/root", STATE_DIRECTORY: "/var/lib/a:/var/lib/b" }, "/var/lib/a", "a service's of systemd"],
    [{}, "/var/lib/mqttd", "without a home"],
    [{ HOME: "/home/me", MQTTD_DATA_DIR: "/srv/mqtt" }, "/srv/mqtt", "the setting wins"],
    [{ HOME: "/home/me", MQTTD_DATA_DIR: "off" }, undefined, "nothing on disk"],
  ])("is by %j %s (%s)", (env, expected) => {
    expect(dataDir(env)).toBe(expected);
  });

  it("is a full path, so that it stays the same", () => {
    expect(dataDir({ MQTTD_DATA_DIR: "store" })).toBe(`${process.cwd()}/store`);
  });

  it("is nowhere for a broker that is made in a program, unless that says so", () => {
    expect([configFrom({}, files({})).dataDir, configFrom({ dataDir: "/a" }, files({})).dataDir]).toEqual([undefined, "/a"]);
  });
});
