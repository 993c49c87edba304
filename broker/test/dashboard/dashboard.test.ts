import { describe, expect, it } from "vitest";
import { writtenFile } from "../support/written-file.js";
import { expectTile, go, mqttClient, nextMessage, openDashboard, press, sees, type } from "./support.js";

const READ = "read-read-read-read";
const ADMIN = "admin-admin-admin-admin";
const tokens = () => ({ tokensFile: writtenFile(`read ${READ} grafana\nadmin ${ADMIN} ops\n`) });

describe("the dashboard in Chromium", () => {
  it("shows numbers that move with the clients, and the hour before it was opened", async (context) => {
    const { page, port, clock, url, complaints } = await openDashboard(context);
    await expectTile(page, "Connections", "0");
    const client = await mqttClient(port, { keepalive: 0 });
    await client.subscribeAsync("a/#");
    clock.advance(1_000);
    await expectTile(page, "Connections", "1");
    await expectTile(page, "Subscriptions", "1");
    for (let i = 0; i < 20; i++) await client.publishAsync("a/b", "x", { qos: 1 });
    clock.advance(1_000);
    await expectTile(page, "Messages in", "10/s");
    await sees(page, "live", ".live");
    await page.goto("about:blank");
    clock.advance(3_600_000);
    await page.goto(url);
    await sees(page, "60 min ago", ".chart div");
    const label = await page.$eval(".chart svg", (picture) => picture.getAttribute("aria-label"));
    expect(label).toBe("Connections over the last 60 minutes. Now: Clients 1.");
    const drawn = await page.$eval(".chart path", (path) => path.getAttribute("d")?.split("L").length);
    expect(drawn).toBeGreaterThan(700);
    expect(complaints).toEqual([]);
  });

  it("finds a client, and kicks it out once that is confirmed", async (context) => {
    const { page, port, get } = await openDashboard(context);
    const [one, other] = [await mqttClient(port, { clientId: "pump-1" }), await mqttClient(port, { clientId: "valve-7", username: "eve" })];
    await go(page, "clients");
    await sees(page, "2 clients");
    await type(page, "Client ID contains", "valve");
    await sees(page, "1 client.");
    await press(page, "Kick");
    await sees(page, "Kick valve-7?", "dialog");
    await press(page, "Cancel", "dialog");
    await page.waitForFunction(() => document.querySelector("dialog") === null);
    expect(other.connected).toBe(true);
    await press(page, "Kick");
    const closed = new Promise((resolve) => other.once("close", () => resolve("closed")));
    await press(page, "Kick", "dialog");
    expect(await closed).toBe("closed");
    await sees(page, "valve-7 is kicked out.");
    await sees(page, "No client is like this.");
    expect(one.connected).toBe(true);
    expect((await get("/api/v1/clients/valve-7")).status).toBe(404);
  });

  it("shows a client's session, and changes its subscriptions", async (context) => {
    const { page, port } = await openDashboard(context);
    const client = await mqttClient(port, { clientId: "a/b ü", protocolVersion: 5, properties: { sessionExpiryInterval: 7_200 } });
    await client.subscribeAsync("first/#", { qos: 1 });
    await go(page, `clients/${encodeURIComponent("a/b ü")}`);
    await sees(page, "a/b ü", "h1");
    await sees(page, "by 2 h");
    await sees(page, "first/#", "table");
    await type(page, "Topic filter", "second/+");
    await press(page, "Subscribe in its place");
    await sees(page, "second/+", "table");
    const message = nextMessage(client);
    await client.publishAsync("second/x", "hello");
    expect(await message).toEqual({ topic: "second/x", text: "hello" });
    await press(page, "Remove", "tr:nth-child(2)");
    await press(page, "End it", "dialog");
    await sees(page, "The subscription has ended.");
    await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
  });

  it("keeps its place in a list, whatever is pressed twice and whatever does not come", async (context) => {
    const { page, port } = await openDashboard(context);
    const client = await mqttClient(port);
    await client.subscribeAsync(Array.from({ length: 101 }, (_, i) => `t/${i}`));
    await go(page, "subscriptions");
    await sees(page, "Page 1: 50 subscriptions.");
    await page.evaluate(() => {
      const next = [...document.querySelectorAll("button")].find(({ textContent }) => textContent === "Next");
      next?.click();
      next?.click();
    });
    await sees(page, "Page 2: 50 subscriptions.");
    await press(page, "Next");
    await sees(page, "Page 3: 1 subscription.");
    await page.setOfflineMode(true);
    await press(page, "Previous");
    await sees(page, "the broker does not answer");
    await page.setOfflineMode(false);
    await press(page, "Previous");
    await sees(page, "Page 2: 50 subscriptions.");
  });

  it("publishes to clients of MQTT.js, and shows what they publish", async (context) => {
    const { page, port, complaints } = await openDashboard(context);
    const client = await mqttClient(port);
    await client.subscribeAsync("from/page", { qos: 2 });
    await go(page, "websocket");
    await press(page, "Connect");
    await sees(page, "connected");
    await type(page, "Topic filter", "to/#");
    await page.select("[name=qos]", "2");
    await press(page, "Subscribe");
    await sees(page, "Subscribed to to/#.");
    for (const qos of [0, 1, 2] as const) await client.publishAsync("to/page", `hellö ${qos}`, { qos });
    for (const qos of [0, 1, 2]) await sees(page, `hellö ${qos}`, "[aria-label=Messages]");
    await client.publishAsync("to/page", Buffer.from([0xff, 0x00]));
    await sees(page, "ff 00", "[aria-label=Messages]");
    await type(page, "Topic", "from/page");
    await type(page, "Payload", "grüße");
    for (const qos of ["0", "1", "2"]) {
      await page.select("section:last-child [name=qos]", qos);
      const message = nextMessage(client);
      await press(page, "Publish");
      expect(await message).toEqual({ topic: "from/page", text: "grüße" });
    }
    await go(page, "topics");
    await sees(page, "to/#");
    await go(page, "websocket");
    await sees(page, "hellö 2", "[aria-label=Messages]");
    await press(page, "Disconnect");
    await sees(page, "not connected");
    expect(complaints.filter((text) => !text.startsWith("it asks for ws:"))).toEqual([]);
  });

  it("says why its client is refused", async (context) => {
    const { page, get } = await openDashboard(context);
    await get("/api/v1/bans", { method: "POST", body: { as: "clientid", who: "me" } });
    await go(page, "websocket");
    await type(page, "Client ID", "me");
    await press(page, "Connect");
    await sees(page, "refused: banned", "[role=alert]");
  });

  it("can reach nothing but the admin port and the WebSocket listeners", async (context) => {
    const { page, ports, url } = await openDashboard(context);
    const policy = (await page.goto(url))?.headers()["content-security-policy"] ?? "";
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      `connect-src 'self' ws://127.0.0.1:${ports.ws}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    const refused = await page.evaluate((port) => {
      const violation = new Promise<string>((resolve) => {
        addEventListener("securitypolicyviolation", ({ blockedURI }) => resolve(blockedURI));
      });
      new WebSocket(`ws://127.0.0.1:${port}`);
      return violation;
    }, ports.tcp!);
    expect(refused).toContain(`:${ports.tcp}`);
  });

  it("does not take the header Host for more than a name", async (context) => {
    const { get } = await openDashboard(context, { admin: { allowedHosts: ["x"] } });
    const policyFor = async (host: string) => (await get("/", { headers: { Host: host } })).headers["content-security-policy"];
    expect(await policyFor("broker.example:18083")).toContain("ws://broker.example:");
    expect(await policyFor("x; script-src *")).toContain("connect-src 'self' ws://*:");
    expect(await policyFor("x; script-src *")).toContain("script-src 'self';");
  });

  it("asks for a token, refuses a wrong one, and forgets the right one at signing out", async (context) => {
    const { page } = await openDashboard(context, { admin: tokens() });
    await sees(page, "This broker asks for a token.");
    await type(page, "Token", "wrong-wrong-wrong-wrong");
    await press(page, "Sign in");
    await sees(page, "This token is refused: the token is not known.", "[role=alert]");
    await type(page, "Token", ADMIN);
    await press(page, "Sign in");
    await expectTile(page, "Connections", "0");
    await page.reload();
    await expectTile(page, "Connections", "0");
    await press(page, "Sign out");
    await sees(page, "This broker asks for a token.");
  });

  it("says in the broker's words why a token that may only look cannot change things", async (context) => {
    const { page, port } = await openDashboard(context, { admin: tokens() });
    const client = await mqttClient(port, { clientId: "pump" });
    await type(page, "Token", READ);
    await press(page, "Sign in");
    await go(page, "clients");
    await press(page, "Kick");
    await press(page, "Kick", "dialog");
    await sees(page, "the token may only look: this takes one of scope admin", "[role=alert]");
    expect(client.connected).toBe(true);
  });

  it("shows what is retained as text and as bytes, and deletes it once that is confirmed", async (context) => {
    const { page, port, get } = await openDashboard(context);
    const client = await mqttClient(port, { clientId: "pump" });
    await client.publishAsync("plant/a b/state", "läuft", { retain: true, qos: 1 });
    await go(page, "retained");
    await sees(page, "1 retained message.");
    await go(page, `retained/${encodeURIComponent("plant/a b/state")}`);
    await sees(page, "läuft", "pre");
    await press(page, "Show as hex");
    await sees(page, "6c c3 a4 75 66 74", "pre");
    await press(page, "Delete");
    await press(page, "Delete", "dialog");
    await sees(page, "Nothing is retained under such a topic.");
    expect((await get("/api/v1/retained/plant%2Fa%20b%2Fstate")).status).toBe(404);
  });

  it("stops and starts a listener once that is confirmed", async (context) => {
    const { page, port } = await openDashboard(context);
    await go(page, "listeners");
    await press(page, "Stop", "tbody tr:nth-child(1)");
    await press(page, "Stop", "dialog");
    await sees(page, "tcp is stopped.");
    await expect(mqttClient(port)).rejects.toThrow();
    await press(page, "Start", "tbody tr:nth-child(1)");
    await press(page, "Start", "dialog");
    await sees(page, "tcp is running.");
    await sees(page, "running", "tbody tr:nth-child(1)");
  });
});
