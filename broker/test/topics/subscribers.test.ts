import { describe, expect, it } from "vitest";
import { Subscribers } from "../../src/topics/subscribers.js";

describe("the slots of a filter's subscribers", () => {
  const subscribers = () => new Subscribers<string, string>("host", "stays");
  const visited = (filter: Subscribers<string, string>, slots = filter.slotCount) => {
    const values: string[] = [];
    expect(filter.visitSlots(slots, (value) => values.push(value), undefined)).toBe(values.length);
    return values;
  };

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
    expect(visited(filter)).toEqual(["stays"]);
    expect(filter.at(0)).toEqual({ key: "host", value: "stays" });
  });

  it("are visited only as far as a match has noted", () => {
    const filter = subscribers();
    const noted = filter.slotCount;
    filter.put("guest", "new");
    expect(visited(filter, noted)).toEqual(["stays"]);
    filter.vacate("host");
    expect(visited(filter, noted)).toEqual([]);
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
