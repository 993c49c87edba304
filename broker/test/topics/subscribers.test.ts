import { describe, expect, it } from "vitest";
import { Subscribers } from "../../src/topics/subscribers.js";

describe("the slots of a filter's subscribers", () => {
  const subscribers = () => new Subscribers<string, string>("host", "stays");

  it("are given back at once by who leaves between matches", () => {
    const filter = subscribers();
    for (let i = 0; i < 100; i++) {
      filter.put(`guest${i}`, "guest");
      expect(filter.remove(`guest${i}`)).toBe("guest");
    }
    expect(filter.slotCount).toBe(1);
  });

  it("stay in place while a match runs and are closed up after it", () => {
    const filter = subscribers();
    for (let i = 0; i < 100; i++) {
      filter.put(`guest${i}`, "guest");
      expect(filter.vacate(`guest${i}`)).toBe("guest");
    }
    expect(filter.slotCount).toBe(101);
    expect(filter.size).toBe(1);

    filter.compact();
    expect(filter.slotCount).toBe(1);
    const visited: string[] = [];
    expect(filter.visitSlot(0, (value) => visited.push(value), undefined)).toBe(true);
    expect(visited).toEqual(["stays"]);
  });

  it("are found by key beyond the number that is searched one by one", () => {
    const filter = subscribers();
    for (let i = 0; i < 40; i++) filter.put(`guest${i}`, `value${i}`);
    for (let i = 0; i < 40; i += 2) expect(filter.vacate(`guest${i}`)).toBe(`value${i}`);
    filter.compact();
    expect(filter.size).toBe(21);
    expect(filter.remove("guest0")).toBeUndefined();
    expect(filter.remove("guest39")).toBe("value39");
    expect(filter.put("guest1", "again")).toBe("value1");
  });
});
