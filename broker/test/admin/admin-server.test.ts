import { describe, expect, it } from "vitest";
import { TestClient } from "../support/test-client.js";
import { writtenFile } from "../support/written-file.js";
import { startAdmin } from "./support.js";

const READ = "read-token-of-a-dashboard";
const ADMIN = "admin-token-of-an-operator";

const tokens = () => ({ tokensFile: writtenFile(`read ${READ} grafana\nadmin ${ADMIN} ops\n`) });

describe("the admin port", () => {
  it("says that the broker is alive and ready", async () => {
    const { get } = await startAdmin();
    expect(await get("/healthz")).toMatchObject({ status: 200, json: { status: "alive" } });
    expect(await get("/readyz")).toMatchObject({ status: 200, json: { status: "ready" } });
  });

  it("answers probes that call it by any name, without a token", async () => {
    const { get } = await startAdmin({}, tokens());
    expect((await get("/healthz", { headers: { Host: "10.1.2.3:18083" } })).status).toBe(200);
    expect((await get("/readyz", { headers: { Host: "10.1.2.3:18083" } })).status).toBe(200);
  });

  it("tells what the broker is", async () => {
    const { get, port } = await startAdmin();
    await TestClient.connect(port);
    const { status, json } = await get("/api/v1/broker");
    expect(status).toBe(200);
    expect(json).toMatchObject({ status: "ready", connections: 1, sessions: 1, pid: process.pid });
  });

  it("answers HEAD without a body", async () => {
    const { get } = await startAdmin();
    expect(await get("/api/v1/broker", { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
  });

  it("can be kept from caching, framing and guessing", async () => {
    const { get } = await startAdmin();
    expect((await get("/api/v1/broker")).headers).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
  });
});

describe("tokens of the admin port", () => {
  it.each([
    ["none", undefined, 401],
    ["one that is not known", "admin-token-of-an-operatos", 401],
    ["one that may read", READ, 200],
    ["one that may do everything", ADMIN, 200],
  ])("%s", async (_, token, status) => {
    const { get } = await startAdmin({}, tokens());
    const answer = await get("/api/v1/broker", token === undefined ? {} : { token });
    expect(answer.status).toBe(status);
    if (status === 401) {
      expect(answer.headers["www-authenticate"]).toBe('Bearer realm="mqttd"');
      expect(answer.headers["content-type"]).toBe("application/problem+json");
    }
  });
});

describe("requests that a browser was made to send", () => {
  it.each([
    ["by a name that leads to the loopback", { Host: "evil.example" }, 421],
    ["by such a name with our port", { Host: "evil.example:18083" }, 421],
    ["by another origin", { Origin: "http://evil.example" }, 403],
    ["by a page without origin", { Origin: "null" }, 403],
    ["by another port of this machine", { Origin: "http://127.0.0.1:1" }, 403],
  ])("%s are refused", async (_, headers, status) => {
    const { get } = await startAdmin();
    const answer = await get("/api/v1/broker", { headers });
    expect(answer.status).toBe(status);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("are answered by the names of the loopback, and others that are allowed, from pages of ours", async () => {
    const { get, adminPort } = await startAdmin({}, { allowedHosts: ["mqtt.example"] });
    for (const name of [`localhost:${adminPort}`, `[::1]:${adminPort}`, "127.0.0.1", "mqtt.example"]) {
      expect((await get("/api/v1/broker", { headers: { Host: name, Origin: `http://${name}` } })).status, name).toBe(200);
    }
  });
});

describe("paths of the admin port", () => {
  it.each([
    ["/api/v1/nothing", 404],
    ["/api/v1/broker/", 404],
    ["/api//v1/broker", 404],
    ["/api/v1/../v1/broker", 404],
    ["/api/v1/%2e%2e/v1/broker", 404],
    ["/api/v1%2fbroker", 404],
    ["http://127.0.0.1/api/v1/broker", 404],
    ["/api/v1/%", 400],
    ["/api/v1/%ff", 400],
    ["/api/v1/broker?x=1", 400],
    ["/%00", 404],
  ])("%s gets %i", async (path, status) => {
    const { get } = await startAdmin();
    const answer = await get(path);
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
  });

  it("say which methods they take", async () => {
    const { get } = await startAdmin();
    const answer = await get("/api/v1/broker", { method: "DELETE" });
    expect([answer.status, answer.headers.allow]).toEqual([405, "GET"]);
  });
});
