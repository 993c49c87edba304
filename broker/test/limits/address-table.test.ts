import { describe, expect, it } from "vitest";
import { addressKey } from "../../src/limits/address-key.js";
import { AddressTable } from "../../src/limits/address-table.js";

describe("addressKey()", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::6", "2001:db8:1:2"],
    ["2001:0DB8:0001:0002::", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["2001:db8::3:4:5:6:7", "2001:db8:0:3"],
    ["::1", "0:0:0:0"],
    ["::", "0:0:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    ["", ""],
  ])("%s counts as %s", (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

describe("AddressTable", () => {
  const open = (table: AddressTable, address: string) => {
    const connection = {};
    const place = table.placeFor(address);
    if (place === undefined) return undefined;
    table.opened(connection, place);
    return connection;
  };

  it("knows when an address has as many clients as it may", () => {
    const table = new AddressTable();
    table.configure(2);
    const [first, second, third] = [1, 2, 3].map(() => open(table, "192.0.2.1")!);
    const other = open(table, "192.0.2.2")!;
    table.joined(first!);
    expect(table.isFullFor(third!)).toBe(false);
    table.joined(second!);
    expect(table.isFullFor(third!)).toBe(true);
    expect(table.isFullFor(other)).toBe(false);
    table.left(first!);
    expect(table.isFullFor(third!)).toBe(false);
  });

  it("has room for four times as many connections of an address, and remembers nobody who has gone", () => {
    const table = new AddressTable();
    table.configure(2);
    const connections = Array.from({ length: 8 }, () => open(table, "2001:db8::1")!);
    expect(open(table, "2001:db8::2")).toBeUndefined();
    expect(open(table, "2001:db9::2")).toBeDefined();
    expect(table.size).toBe(2);
    for (const connection of connections) table.closed(connection);
    expect(table.size).toBe(1);
    expect(open(table, "2001:db8::2")).toBeDefined();
  });

  it("takes leave of connections that it has never counted, and of each once", () => {
    const table = new AddressTable();
    table.configure(1);
    const counted = open(table, "192.0.2.1")!;
    const stranger = {};
    table.joined(stranger);
    table.left(stranger);
    table.closed(stranger);
    expect(table.isFullFor(stranger)).toBe(false);
    table.closed(counted);
    table.closed(counted);
    expect(table.size).toBe(0);
  });
});
