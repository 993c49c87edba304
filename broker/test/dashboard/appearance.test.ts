import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type Axe from "axe-core";
import type { Page } from "puppeteer-core";
import { describe, expect, it, type TestContext } from "vitest";
import { writtenFile } from "../support/written-file.js";
import { type DashboardOptions, go, mqttClient, openDashboard, press, sees } from "./support.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** axe looks at a dozen pages, and machines that run tests are busy. */
const AXE_LIMIT_MS = 300_000;
const TABS = [
  "overview",
  "nodes",
  "clients",
  "clients/pump-1",
  "subscriptions",
  "topics",
  "retained",
  "retained/plant%2Fstate",
  "listeners",
  "doctor",
  "websocket",
];

/** With something on every tab. */
async function openFull(context: TestContext, options: DashboardOptions) {
  const opened = await openDashboard(context, options);
  const client = await mqttClient(opened.port, { clientId: "pump-1", username: "alice" });
  await client.subscribeAsync(["plant/+/temperature", `${"a-level-with-a-long-name/".repeat(9)}#`]);
  await client.publishAsync("plant/state", JSON.stringify({ state: "running", since: "x".repeat(200) }), { retain: true });
  await go(opened.page, "websocket");
  await press(opened.page, "Connect");
  await press(opened.page, "Subscribe");
  await sees(opened.page, "Subscribed to #.");
  await sees(opened.page, "running", "[aria-label=Messages]");
  return opened;
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof Axe }; // as the line above puts it into the page
    const { violations: found } = await axe.run(document, { resultTypes: ["violations"] });
    return found.map(({ id, nodes }) => {
      const [first] = nodes;
      return `${id}: ${first?.html} ${first?.failureSummary}`;
    });
  });
}

describe("the dashboard's pages", () => {
  it.for(["light", "dark"] as const)("are accessible by what axe checks (%s)", { timeout: AXE_LIMIT_MS }, async (theme, context) => {
    const { page } = await openFull(context, { theme });
    for (const tab of TABS) {
      await go(page, tab === "websocket" ? "topics" : "websocket");
      await go(page, tab);
      expect(await violations(page), tab).toEqual([]);
    }
    await go(page, "clients");
    await press(page, "Kick");
    await sees(page, "Kick pump-1?", "dialog");
    expect(await violations(page), "dialog").toEqual([]);
  });

  it.for(["light", "dark"] as const)("are, on the screen that asks for a token (%s)", async (theme, context) => {
    const { page } = await openDashboard(context, { theme, admin: { tokensFile: writtenFile("admin 0123456789abcdef someone\n") } });
    await sees(page, "This broker asks for a token.");
    expect(await violations(page)).toEqual([]);
  });

  it.for([390, 320])("fit on a screen of %i pixels without scrolling sideways", async (width, context) => {
    const { page } = await openFull(context, { width });
    for (const tab of TABS) {
      await go(page, tab === "websocket" ? "topics" : "websocket");
      await go(page, tab);
      const content = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(content, tab).toBeLessThanOrEqual(width);
    }
  });

  it("can be chosen to be dark or light, whatever the system is, and stay so", async (context) => {
    const { page } = await openDashboard(context, { theme: "dark" });
    const ground = () => page.$eval("body", (body) => getComputedStyle(body).backgroundColor);
    const dark = await ground();
    await press(page, "Theme: auto");
    await sees(page, "Theme: light");
    const light = await ground();
    expect(light).not.toBe(dark);
    await page.reload();
    await sees(page, "Theme: light");
    expect(await ground()).toBe(light);
  });

  it("can be reached and used by keyboard alone", async (context) => {
    const { page, port } = await openDashboard(context);
    const client = await mqttClient(port, { clientId: "pump-1" });
    await sees(page, "live", ".live");
    await page.focus('[data-tab="clients"]');
    await page.keyboard.press("Enter");
    await sees(page, "pump-1");
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    for (let presses = 0; (await focused()) !== "Kick"; presses++) {
      expect(presses).toBeLessThan(20);
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await sees(page, "Kick pump-1?", "dialog");
    expect(await focused()).toBe("Cancel");
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.querySelector("dialog") === null);
    expect(client.connected).toBe(true);
  });
});
