import { describe, expect, it } from "vitest";
import { configFrom } from "../../src/config/load-config.js";
import { changesBetween } from "../../src/reload/config-changes.js";

function config(settings: object) {
  return configFrom(settings, () => "");
}

const LISTENER = { name: "a", port: 1883 };

describe("changesBetween()", () => {
  it("finds none between the same settings", () => {
    const settings = { listeners: [LISTENER], mqtt: { maxQos: 1 } };
    const { applied, needsRestart, config: next } = changesBetween(config(settings), config(settings));
    expect({ applied, needsRestart }).toEqual({ applied: [], needsRestart: [] });
    expect(next).toEqual(config(settings));
  });

  it("names what changes, and never its value", () => {
    const before = config({ listeners: [LISTENER], maxConnections: 5 });
    const after = config({
      listeners: [{ ...LISTENER, maxConnections: 7 }],
      mqtt: { maxQos: 1, serverReference: "b" },
      drain: { delaySeconds: 1 },
    });
    const { applied, needsRestart, config: next } = changesBetween(before, after);
    expect(needsRestart).toEqual([]);
    expect([...applied].sort()).toEqual([
      "drain.delaySeconds",
      "listeners[a].maxConnections",
      "maxConnections",
      "mqtt.maxQos",
      "mqtt.serverReference",
    ]);
    expect(next).toEqual(after);
  });

  it("leaves what needs a restart as it runs", () => {
    const before = config({ listeners: [LISTENER], sysIntervalSeconds: 3 });
    const after = config({
      listeners: [{ ...LISTENER, host: "127.0.0.2", backlog: 7, proxyProtocol: true, maxConnections: 9 }],
      log: { level: "debug" },
      sysIntervalSeconds: 4,
    });
    const { applied, needsRestart, config: next } = changesBetween(before, after);
    expect(applied).toEqual(["listeners[a].maxConnections"]);
    expect([...needsRestart].sort()).toEqual([
      "listeners[a].backlog",
      "listeners[a].host",
      "listeners[a].proxyProtocol",
      "log.level",
      "sysIntervalSeconds",
    ]);
    expect(next).toEqual(config({ listeners: [{ ...LISTENER, maxConnections: 9 }], sysIntervalSeconds: 3 }));
  });

  it("keeps the layers of a listener whose transport would be another one", () => {
    const before = config({ listeners: [LISTENER] });
    const after = config({ listeners: [{ ...LISTENER, transport: "ws" }] });
    const { needsRestart, config: next } = changesBetween(before, after);
    expect(needsRestart).toEqual(["listeners[a].transport"]);
    expect(next).toEqual(before);
  });

  it("takes listeners with a new name or another port as new ones, and those not named as gone", () => {
    const before = config({ listeners: [LISTENER, { name: "b", port: 1 }, { name: "c", port: 2 }] });
    const after = config({ listeners: [LISTENER, { name: "b", port: 3 }, { name: "d", port: 4 }] });
    const { applied, needsRestart, config: next } = changesBetween(before, after);
    expect({ applied, needsRestart }).toEqual({ applied: ["listeners[b]", "listeners[d]", "listeners[c]"], needsRestart: [] });
    expect(next).toEqual(after);
  });

  it("leaves who may come in by a port as it is for as long as the port is where it should not be any more", () => {
    const open = { ...LISTENER, host: "0.0.0.0", authentication: [{ type: "http", url: "http://127.0.0.1:1/" }] };
    const before = config({ listeners: [{ ...open, allowAddresses: ["10.0.0.0/8"] }] });
    const after = config({ listeners: [{ ...LISTENER, host: "127.0.0.1", connectTimeoutSeconds: 3 }] });
    expect(before.listeners[0]!.allowAnonymous).toBe(false);
    expect(after.listeners[0]!.allowAnonymous).toBe(true);
    const { applied, needsRestart, config: next } = changesBetween(before, after);
    expect(applied).toEqual(["listeners[a].connectTimeoutSeconds"]);
    expect([...needsRestart].sort()).toEqual([
      "listeners[a].allowAddresses",
      "listeners[a].allowAnonymous",
      "listeners[a].authentication",
      "listeners[a].host",
    ]);
    expect(next.listeners).toEqual([{ ...before.listeners[0], connectTimeoutSeconds: 3 }]);
  });

  it("leaves it as it is too where a port is to be reached by another transport", () => {
    const before = config({ listeners: [{ ...LISTENER, authentication: [{ type: "http", url: "http://127.0.0.1:1/" }] }] });
    const after = config({ listeners: [{ ...LISTENER, transport: "ws", allowAnonymous: true }] });
    const { applied, needsRestart, config: next } = changesBetween(before, after);
    expect(applied).toEqual([]);
    expect([...needsRestart].sort()).toEqual(["listeners[a].allowAnonymous", "listeners[a].authentication", "listeners[a].transport"]);
    expect(next).toEqual(before);
  });

  it("goes on asking for clients' certificates on a port that is to be another's", () => {
    const tls = { cert: "cert", key: "key", ca: "ca", clientCertificate: "require", minVersion: "TLSv1.2" } as const;
    const { ca: _, ...rest } = tls;
    const [one] = config({ listeners: [LISTENER] }).listeners;
    const before = { ...config({}), listeners: [{ ...one!, host: "0.0.0.0", transport: "tls" as const, tls }] };
    const asked = { ...rest, cert: "next", clientCertificate: "none" as const };
    const after = { ...before, listeners: [{ ...before.listeners[0]!, host: "127.0.0.1", tls: asked }] };
    const { applied, needsRestart, config: next } = changesBetween(before, after);
    expect(applied).toEqual(["listeners[a].tls.cert"]);
    expect([...needsRestart].sort()).toEqual(["listeners[a].host", "listeners[a].tls.ca", "listeners[a].tls.clientCertificate"]);
    expect(next.listeners[0]!.tls).toEqual({ ...tls, cert: "next" });
  });

  it("goes on asking for tokens on an admin port that is to be on the loopback", () => {
    const withAdmin = (admin: object, name = "ops") =>
      configFrom({ listeners: [LISTENER], admin: { port: 1, ...admin } }, () => `admin ${"a".repeat(32)} ${name}\n`);
    const before = withAdmin({ host: "0.0.0.0", tokensFile: "tokens" });
    const { needsRestart, config: next } = changesBetween(before, withAdmin({}));
    expect(needsRestart).toEqual(expect.arrayContaining(["admin.host", "admin.tokens"]));
    expect(next.admin).toEqual(before.admin);
    const other = withAdmin({ host: "0.0.0.0", tokensFile: "tokens" }, "me");
    expect(changesBetween(before, other)).toMatchObject({ applied: ["admin.tokens"], needsRestart: [] });
  });
});
