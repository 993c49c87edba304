import { describe, expect, it } from "vitest";
import { ClientMap } from "../src/client-map.js";

describe("a map by client identifier", () => {
  it("has what was set and has not gone, in the order of coming, like a Map", () => {
    const [map, model] = [new ClientMap<number>(), new Map<string, number>()];
    for (let number = 0; number < 20_000; number++) {
      const clientId = `client ${(number * 7_919) % 6_007}`;
      if (number % 3 === 2) expect(map.delete(clientId)).toBe(model.delete(clientId));
      else {
        map.set(clientId, number);
        model.set(clientId, number);
      }
      expect(map.get(clientId)).toBe(model.get(clientId));
      expect(map.size).toBe(model.size);
    }
    expect([...map.values()]).toEqual([...model.values()]);
    for (let number = 0; number < 6_007; number++) expect(map.has(`client ${number}`)).toBe(model.has(`client ${number}`));
  });

  it("takes any text for an identifier", () => {
    const map = new ClientMap<number>();
    const clientIds = ["", "a", "b", "ab", "ba", "\u{1f600}", "é", "__proto__", "x".repeat(65_535)];
    for (const [index, clientId] of clientIds.entries()) map.set(clientId, index);
    expect(clientIds.map((clientId) => map.get(clientId))).toEqual([...clientIds.keys()]);
  });

  it("goes on with a walk while others come and go, however many: who has come is there, who has gone is not", () => {
    const [map, model] = [new ClientMap<number>(), new Map<string, number>()];
    const change = <M extends { set(key: string, value: number): unknown; delete(key: string): boolean }>(to: M, value: number) => {
      to.delete(`${value + 1}`);
      if (value % 2 === 0) to.delete(`${value}`);
      if (value < 3_000) for (let more = 1; more <= 3; more++) to.set(`${value * 3 + more + 40}`, value * 3 + more + 40);
    };
    for (let value = 0; value < 20; value++) for (const each of [map, model]) each.set(`${value}`, value);
    const [walked, expected]: [number[], number[]] = [[], []];
    for (const value of map.values()) {
      walked.push(value);
      change(map, value);
    }
    for (const value of model.values()) {
      expected.push(value);
      change(model, value);
    }
    expect(walked.length).toBeGreaterThan(300);
    expect(walked).toEqual(expected);
    expect([...map.values()]).toEqual([...model.values()]);
  });

  it("has nothing after it was cleared, for a walk that goes on as well", () => {
    const map = new ClientMap<number>();
    for (let value = 0; value < 100; value++) map.set(`${value}`, value);
    const walked: number[] = [];
    for (const value of map.values()) {
      walked.push(value);
      if (value === 9) map.clear();
    }
    expect([walked.length, map.size, map.has("20")]).toEqual([10, 0, false]);
    map.set("20", 20);
    expect([...map.values()]).toEqual([20]);
  });
});
