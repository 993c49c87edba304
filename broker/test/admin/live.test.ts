import { describe, expect, it } from "vitest";
import { History } from "../../src/admin/live/history.js";
import { ROW_FIELDS } from "../../src/admin/live/live-numbers.js";
import { TestClient } from "../support/test-client.js";
import { writtenFile } from "../support/written-file.js";
import { follow } from "./follow-stream.js";
import { startAdmin } from "./support.js";

const AT = ROW_FIELDS.indexOf("at");
const CONNECTIONS = ROW_FIELDS.indexOf("connections");

describe("the ring of numbers", () => {
  it("gives what was added last, the oldest first", () => {
    const history = new History(3, 2);
    expect(history.last(5)).toEqual([]);
    history.add([1, 10]);
    history.add([2, 20]);
    expect(history.last(5)).toEqual([
      [1, 10],
      [2, 20],
    ]);
    history.add([3, 30]);
    history.add([4, 40]);
    expect(history.last(5)).toEqual([
      [2, 20],
      [3, 30],
      [4, 40],
    ]);
    expect(history.last(1)).toEqual([[4, 40]]);
    expect(history.last(0)).toEqual([]);
  });
});

describe("GET /api/v1/history", () => {
  it("has a row every five seconds for an hour, and one of this moment, whoever looks", async () => {
    const { get, port, clock } = await startAdmin();
    clock.advance(10_000);
    await TestClient.connect(port, { clientId: "a" });
    const rows = async (query = "") => (await get(`/api/v1/history${query}`)).json.data[0].rows as number[][];
    const first = await rows();
    expect(first.map((row) => row[CONNECTIONS])).toEqual([0, 0, 1]);
    expect(first[1]![AT]! - first[0]![AT]!).toBe(5_000);
    expect(first.every((row) => row.length === ROW_FIELDS.length)).toBe(true);
    clock.advance(3_700_000);
    expect(await rows()).toHaveLength(720);
    expect(await rows("?last=1")).toHaveLength(1);
    expect((await get("/api/v1/history?last=721")).status).toBe(400);
  });
});

describe("GET /api/v1/stream", () => {
  it("tells all who look once a second, and costs nothing when nobody does", async () => {
    const { port, clock, adminPort } = await startAdmin();
    const [one, other] = [await follow(adminPort), await follow(adminPort)];
    expect((await one.next()).data[0].rows[0][CONNECTIONS]).toBe(0);
    await other.next();
    await TestClient.connect(port, { clientId: "a" });
    clock.advance(1_000);
    const seen = await one.next();
    expect(seen.data[0].rows[0][CONNECTIONS]).toBe(1);
    expect(await other.next()).toEqual(seen);
  });

  it("asks for a token where the API does", async () => {
    const { get } = await startAdmin({}, { tokensFile: writtenFile("admin 0123456789abcdef someone\n") });
    expect((await get("/api/v1/stream")).status).toBe(401);
  });

  it("ends as it should when the broker stops", async () => {
    const { stop, adminPort } = await startAdmin();
    const stream = await follow(adminPort);
    await stream.next();
    const stopped = stop();
    await expect(stream.next()).rejects.toThrow("the stream has ended");
    await stopped;
  });
});
