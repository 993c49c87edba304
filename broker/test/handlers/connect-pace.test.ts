import { beforeEach, describe, expect, it } from "vitest";
import type { ConnectPacket } from "../../src/codec/packet.js";
import { CONNECTS_EACH_TURN, ConnectPace } from "../../src/handlers/connect-pace.js";
import { Counters } from "../../src/sys/counters.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("CONNECTs of a storm", () => {
  let counters: Counters;
  let pace: ConnectPace<object>;
  let handled: string[];
  let gone: Set<object>;

  beforeEach(() => {
    counters = new Counters();
    handled = [];
    gone = new Set();
    pace = new ConnectPace(counters, (connection, { clientId }) => {
      if (!gone.has(connection)) handled.push(clientId);
      return !gone.has(connection);
    });
  });

  /** What the broker does with one that has come. */
  function come(clientId: string, connection: object = {}): void {
    if (pace.mayHandle()) handled.push(clientId);
    else pace.later(connection, { clientId } as ConnectPacket);
  }

  it("are handled at once while they are few", () => {
    for (let i = 0; i < CONNECTS_EACH_TURN; i++) come(`${i}`);
    expect(handled).toHaveLength(CONNECTS_EACH_TURN);
    expect(pace.size).toBe(0);
    expect(counters.connectsPaced).toBe(0);
  });

  it("are handled some in each turn, in the order of their coming", async () => {
    const names = Array.from({ length: 3 * CONNECTS_EACH_TURN }, (_, i) => `${i}`);
    for (const name of names) come(name);
    expect(handled).toHaveLength(CONNECTS_EACH_TURN);
    await turn();
    expect(handled).toHaveLength(2 * CONNECTS_EACH_TURN);
    await turn();
    expect(handled).toEqual(names);
    expect(counters.connectsPaced).toBe(2 * CONNECTS_EACH_TURN);
  });

  it("do not overtake those that wait", async () => {
    for (let i = 0; i < 2 * CONNECTS_EACH_TURN + 1; i++) come(`${i}`);
    await turn();
    come("later");
    await turn();
    expect(handled.at(-1)).toBe("later");
    expect(handled).toHaveLength(2 * CONNECTS_EACH_TURN + 2);
  });

  it("are not held up any more in the turn after", async () => {
    for (let i = 0; i < CONNECTS_EACH_TURN; i++) come(`${i}`);
    await turn();
    come("next");
    expect(handled.at(-1)).toBe("next");
  });

  it("are passed over, at no cost to others, once their connection has gone", async () => {
    for (let i = 0; i < CONNECTS_EACH_TURN; i++) come(`${i}`);
    for (let i = 0; i < 3 * CONNECTS_EACH_TURN; i++) {
      const connection = {};
      gone.add(connection);
      come("gone", connection);
    }
    come("there");
    await turn();
    expect(handled.at(-1)).toBe("there");
    expect(handled).not.toContain("gone");
    expect(pace.size).toBe(0);
  });

  it("are all handled when that is asked for", () => {
    for (let i = 0; i < 5 * CONNECTS_EACH_TURN; i++) come(`${i}`);
    pace.handleAll();
    expect(handled).toHaveLength(5 * CONNECTS_EACH_TURN);
    expect(pace.size).toBe(0);
  });
});
