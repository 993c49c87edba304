import { describe, expect, it } from "vitest";
import { AddressRules } from "../../src/limits/address-rules.js";

const permits = (allowed: string[], denied: string[], address: string) => new AddressRules(allowed, denied).permits(address);

describe("AddressRules", () => {
  it("permits everyone without lists, and says that nobody need be asked", () => {
    expect(permits([], [], "192.0.2.1")).toBe(true);
    expect([new AddressRules([], []).isOff, new AddressRules(["::1"], []).isOff, new AddressRules([], ["::1"]).isOff]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it.each([
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["10.0.0.0/8", "::ffff:10.1.2.3", true],
    ["10.0.0.0/8", "::10.1.2.3", false],
    ["192.0.2.7", "192.0.2.7", true],
    ["192.0.2.7", "192.0.2.8", false],
    ["192.0.2.7/32", "192.0.2.7", true],
    ["0.0.0.0/0", "203.0.113.9", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:db8::/32", "2001:db9::1", false],
    ["2001:DB8::1", "2001:db8:0:0::1", true],
    ["fe80::/10", "fe80::1%eth0", true],
    ["::/0", "2001:db8::1", true],
    ["::ffff:172.16.0.0/108", "172.16.5.5", true],
  ])("a list with %s has %s on it: %s", (block, address, isListed) => {
    expect(permits([block], [], address)).toBe(isListed);
    expect(permits([], [block], address)).toBe(!isListed);
  });

  it("denies before it allows", () => {
    expect(permits(["10.0.0.0/8"], ["10.1.0.0/16"], "10.1.2.3")).toBe(false);
    expect(permits(["10.0.0.0/8"], ["10.1.0.0/16"], "10.2.2.3")).toBe(true);
  });

  it.each(["", "unknown", "300.1.1.1"])("takes %j, which is no address, to be on no list", (address) => {
    expect(permits(["0.0.0.0/0", "::/0"], [], address)).toBe(false);
    expect(permits([], ["0.0.0.0/0", "::/0"], address)).toBe(true);
  });
});
