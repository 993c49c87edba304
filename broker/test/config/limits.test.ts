import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load-config.js";
import { problemsOf, sources } from "./problems-of.js";

const without = (problem: string) => problem.replace(/ \([^()]*\)$/, "");

describe("limits", () => {
  it("that are off are infinite", () => {
    const names = ["maxConnectRate", "maxHalfOpen", "maxConnectionsPerAddress", "memoryHighPercent", "loopLagHighMs"] as const;
    const { limits } = loadConfig(sources({ file: JSON.stringify({ limits: Object.fromEntries(names.map((name) => [name, "off"])) }) }));
    for (const name of names) expect(limits[name]).toBe(Number.POSITIVE_INFINITY);
  });

  it("of a listener are its own, or those of the short form", () => {
    const file = "listeners: [{port: 1, maxConnectRate: 7, allowAddresses: [10.0.0.0/8], denyAddresses: [10.1.0.0/16]}]";
    const own = { maxConnectRate: 7, allowAddresses: ["10.0.0.0/8"], denyAddresses: ["10.1.0.0/16"] };
    expect(loadConfig(sources({ file })).listeners[0]).toMatchObject(own);
    const { listeners } = loadConfig(sources({ file: "maxConnectRatePerListener: 9" }));
    expect(listeners.map(({ maxConnectRate }) => maxConnectRate)).toEqual([9, 9]);
    expect(problemsOf({ file: "{listeners: [{port: 1}], maxConnectRatePerListener: 9}" }).map(without)).toEqual([
      "maxConnectRatePerListener is 9; listeners replaces it: leave it out, or say it in each entry of listeners",
    ]);
  });

  it.each(["10.0.0.0/8", "192.0.2.1", "::1", "2001:db8::/32", "::ffff:10.0.0.0/104", " 0.0.0.0/0 "])("take the block %j", (block) => {
    const { limits } = loadConfig(sources({ file: JSON.stringify({ limits: { denyAddresses: [block] } }) }));
    expect(limits.denyAddresses).toEqual([block.trim()]);
  });

  it.each([
    "",
    "localhost",
    "10.0.0",
    "10.0.0.0/33",
    "::1/129",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0.0/-1",
    "fe80::1%eth0",
    "10.0.0.0/0x8",
  ])("refuse %j among addresses, and say what is one", (block) => {
    expect(problemsOf({ file: JSON.stringify({ limits: { allowAddresses: ["10.0.0.1", block] } }) })).toEqual([
      `limits.allowAddresses is ["10.0.0.1",${JSON.stringify(block)}]; it takes a list of addresses and CIDR blocks: ` +
        '["10.0.0.0/8", "2001:db8::1"] (mend it in mqttd.yaml)',
    ]);
  });

  it("refuse a low watermark above its high one, whichever was given", () => {
    expect(problemsOf({ file: "limits: {memoryHighPercent: 60, loopLagLowMs: 501}" }).map(without)).toEqual([
      "limits.memoryLowPercent is 80 by default; it may not lie above limits.memoryHighPercent, which is 60",
      "limits.loopLagLowMs is 501; it may not lie above limits.loopLagHighMs, which is 500",
    ]);
    expect(loadConfig(sources({ file: "limits: {memoryHighPercent: off, memoryLowPercent: 100}" })).limits.memoryLowPercent).toBe(100);
  });
});
