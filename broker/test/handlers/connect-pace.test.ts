import { beforeEach, describe, expect, it } from "vitest";
import { CONNECTS_EACH_TURN, ConnectPace } from "../../src/handlers/connect-pace.js";
import { Counters } from "../../src/sys/counters.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("CONNECTs of a storm", () => {
  const counters = new Counters();
  let pace: ConnectPace<object>;
  let handled: string[];

  beforeEach(() => {
    pace = new ConnectPace(counters);
    handled = [];
  });

  /** What the broker does with one that has come. */
  function come(name: string, connection: object = {}): Promise<void> | undefined {
    const handle = () => void handled.push(name);
    if (pace.mayHandle()) return handle() as undefined;
    return pace.later(connection, handle as () => undefined);
  }

  it("are handled at once while they are few", () => {
    for (let i = 0; i < CONNECTS_EACH_TURN; i++) expect(come(`${i}`)).toBeUndefined();
    expect(handled).toHaveLength(CONNECTS_EACH_TURN);
    expect(pace.size).toBe(0);
  });

  it("are handled some in each turn, in the order of their coming", async () => {
    const names = Array.from({ length: 3 * CONNECTS_EACH_TURN }, (_, i) => `${i}`);
    const all = Promise.all(names.map((name) => come(name)));
    expect(handled).toHaveLength(CONNECTS_EACH_TURN);
    await turn();
    expect(handled).toHaveLength(2 * CONNECTS_EACH_TURN);
    await all;
    expect(handled).toEqual(names);
    expect(counters.connectsPaced).toBe(2 * CONNECTS_EACH_TURN);
  });

  it("do not overtake those that wait", async () => {
    for (let i = 0; i < 2 * CONNECTS_EACH_TURN + 1; i++) void come(`${i}`);
    await turn();
    await come("later");
    expect(handled.at(-1)).toBe("later");
    expect(handled).toHaveLength(2 * CONNECTS_EACH_TURN + 2);
  });

  it("are not held up any more in the turn after", async () => {
    for (let i = 0; i < CONNECTS_EACH_TURN; i++) void come(`${i}`);
    await turn();
    expect(come("next")).toBeUndefined();
  });

  it("are handled no more once their connection has gone: the queue forgets who has gone", async () => {
    for (let i = 0; i < CONNECTS_EACH_TURN; i++) void come(`${i}`);
    const [gone, there] = [{}, {}];
    void come("gone", gone);
    const last = come("there", there);
    pace.forget(gone);
    expect(pace.size).toBe(1);
    await last;
    expect(handled.at(-1)).toBe("there");
    expect(handled).not.toContain("gone");
  });

  it("tell who waits what came of it", async () => {
    for (let i = 0; i < CONNECTS_EACH_TURN; i++) void come(`${i}`);
    const thrown = pace.later({}, () => {
      throw new Error("not a CONNECT");
    });
    const rejected = pace.later({}, () => Promise.reject(new Error("not let in")));
    const next = come("next");
    await expect(thrown).rejects.toThrow("not a CONNECT");
    await expect(rejected).rejects.toThrow("not let in");
    await next;
  });

  it("are all handled when that is asked for", () => {
    for (let i = 0; i < 5 * CONNECTS_EACH_TURN; i++) void come(`${i}`);
    pace.handleAll();
    expect(handled).toHaveLength(5 * CONNECTS_EACH_TURN);
    expect(pace.size).toBe(0);
  });
});
