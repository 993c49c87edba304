import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import puppeteer, { type Browser, type ElementHandle, type Page } from "puppeteer-core";
import { afterAll, expect, onTestFinished, type TestContext } from "vitest";
import { dashboardFiles } from "../../shipping/dashboard.mjs";
import { type AdminBroker, startAdmin } from "../admin/support.js";
import { requireTool } from "../support/tools.js";

export interface Dashboard extends AdminBroker {
  readonly page: Page;
  readonly url: string;
  /** What the browser complained about, and what it asked of others than the admin port. */
  readonly complaints: readonly string[];
}

export interface DashboardOptions {
  readonly admin?: object;
  readonly theme?: "light" | "dark";
  readonly width?: number;
}

let browser: Promise<Browser> | undefined;
afterAll(async () => {
  await (await browser)?.close();
});

/** The dashboard in Debian's Chromium, served by a broker in this process. */
export async function openDashboard(
  context: TestContext,
  { admin = {}, theme = "light", width = 1_280 }: DashboardOptions = {},
): Promise<Dashboard> {
  const executablePath = requireTool(context, "chromium", "apt-get install chromium");
  browser ??= puppeteer.launch({ executablePath, args: ["--no-sandbox", "--headless=new"], pipe: true });
  const listeners = [
    { name: "tcp", host: "127.0.0.1", port: 0, transport: "tcp" },
    { name: "ws", host: "127.0.0.1", port: 0, transport: "ws" },
  ];
  const started = await startAdmin({ settings: { listeners }, dashboard: await dashboardFiles() }, admin);
  const url = `http://127.0.0.1:${started.adminPort}`;
  const page = await (await browser).newPage();
  onTestFinished(() => page.close());
  page.setDefaultTimeout(20_000);
  await page.setViewport({ width, height: 800 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
  const complaints = watched(page, url);
  await page.goto(url);
  return { ...started, page, url, complaints };
}

function watched(page: Page, url: string): readonly string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() !== "log" && !/status of 40\d/.test(message.text())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (request.url() !== "about:blank" && !request.url().startsWith(`${url}/`)) complaints.push(`it asks for ${request.url()}`);
  });
  return complaints;
}

/** Goes to a tab, and waits until it is there. */
export async function go(page: Page, hash: string): Promise<void> {
  if ((await page.evaluate(() => location.hash)) === `#/${hash}`) return;
  const shown = await page.$(".view");
  await page.evaluate((to) => {
    location.hash = to;
  }, `#/${hash}`);
  await page.waitForFunction(
    (before) => {
      const view = document.querySelector(".view");
      return view !== null && view !== before && view.querySelector("h1") !== null && !view.hasAttribute("aria-busy");
    },
    {},
    shown,
  );
}

/** Waits until the page shows a text. */
export async function sees(page: Page, text: string, where = "body"): Promise<void> {
  await page
    .waitForFunction((selector, wanted) => document.querySelector<HTMLElement>(selector)?.innerText.includes(wanted), {}, where, text)
    .catch(async (error: unknown) => {
      const shown = await page.$eval(where, (element) => (element as HTMLElement).innerText).catch(() => "nothing");
      throw new Error(`'${text}' does not appear; there is: ${shown}`, { cause: error });
    });
}

/** Clicks the button of that name. puppeteer's selectors by role and name are not understood on Bun. */
export async function press(page: Page, name: string, where = "body"): Promise<void> {
  const found = await page.waitForFunction(
    (selector, wanted) =>
      [...document.querySelectorAll<HTMLButtonElement>(`${selector} button`)].find(
        ({ textContent, offsetParent }) => textContent === wanted && offsetParent !== null,
      ),
    {},
    where,
    name,
  );
  await (found.asElement() as ElementHandle<HTMLElement>).click();
}

/** Writes into the field of that label, in place of what is there. */
export async function type(page: Page, label: string, text: string): Promise<void> {
  const found = await page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll("label")].find(
        (one) => one.firstElementChild?.textContent === wanted && one.control !== null && one.offsetParent !== null,
      )?.control,
    {},
    label,
  );
  const control = found.asElement() as ElementHandle<HTMLElement>;
  await control.click({ count: 3 });
  await control.type(text);
}

/** A client of MQTT.js that ends with the test. */
export async function mqttClient(port: number, options: IClientOptions = {}): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, ...options });
  onTestFinished(() => void client.end(true));
  return client;
}

export function nextMessage(client: MqttClient): Promise<{ readonly topic: string; readonly text: string }> {
  return new Promise((resolve) => client.once("message", (topic, payload) => resolve({ topic, text: payload.toString() })));
}

export async function expectTile(page: Page, label: string, value: string): Promise<void> {
  const has = (wantedLabel: string, wanted: string) =>
    [...document.querySelectorAll(".tiles div")].some(
      (tile) => tile.querySelector("dt")?.textContent === wantedLabel && tile.querySelector("dd")?.textContent === wanted,
    );
  await page.waitForFunction(has, {}, label, value);
  expect(await page.evaluate(has, label, value)).toBe(true);
}
