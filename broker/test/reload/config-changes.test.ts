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
});
