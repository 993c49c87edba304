import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it, type TestContext } from "vitest";
import { program } from "../../src/cli/program.js";
import { AuthenticationEntry } from "../../src/config/authentication-schema.js";
import { AuthorizationEntry } from "../../src/config/authorization-schema.js";
import { loadConfig } from "../../src/config/load-config.js";
import { makeCertificates } from "../support/certificates.js";
import { sources } from "./problems-of.js";
import { entriesTable, listenerTable, settingsTable } from "./settings-table.js";

const README = readFileSync(resolve(import.meta.dirname, "../../README.md"), "utf8");

describe("the broker's README", () => {
  it("lists every setting", () => {
    expect(between("<!-- table settings -->\n", "\n<!-- end -->")).toBe(settingsTable());
  });

  it("lists every field of a listener", () => {
    expect(between("<!-- table listeners -->\n", "\n<!-- end -->")).toBe(listenerTable());
  });

  it("lists every field of an entry of authentication and of authorization", () => {
    expect(between("<!-- table authentication -->\n", "\n<!-- end -->")).toBe(entriesTable(AuthenticationEntry));
    expect(between("<!-- table authorization -->\n", "\n<!-- end -->")).toBe(entriesTable(AuthorizationEntry));
  });

  it("has a configuration file that can be used as it is", (context: TestContext) => {
    const { ca, server } = makeCertificates(context);
    const others = { "server.pem": server.cert, "server.key": server.key, "devices.pem": ca.cert };
    const { listeners, maxConnections } = loadConfig(sources({ file: between("```yaml\n", "\n```"), others }));
    expect(listeners.map(({ name }) => name)).toEqual(["tcp:1883", "tls:8883", "ws:8083"]);
    expect(maxConnections).toBe(100_000);
  });

  it("names the commands there are", () => {
    const ignore = () => {};
    const { commands } = program(
      {
        start: ignore,
        check: ignore,
        print: ignore,
        passwd: async () => {},
        store: async () => {},
        bench: async () => {},
        doctor: async () => {},
        ctl: async () => {},
      },
      { out: ignore, err: ignore },
    );
    const paths = commands.flatMap((command) =>
      command.commands.length > 0 && command.name() !== "ctl"
        ? command.commands.map((sub) => `${command.name()} ${sub.name()}`)
        : command.name(),
    );
    expect(paths).toEqual([
      "start",
      "config check",
      "config print",
      "passwd",
      "store check",
      "store export",
      "store import",
      "bench conn",
      "bench pub",
      "bench sub",
      "doctor",
      "ctl",
      "completion",
    ]);
    for (const path of paths) expect(README).toContain(`| \`mqttd ${path}\` |`);
  });
});

function between(start: string, end: string): string {
  const from = README.indexOf(start);
  if (from < 0) throw new Error(`README.md has no '${start.trim()}'`);
  const begin = from + start.length;
  return README.slice(begin, README.indexOf(end, begin));
}
