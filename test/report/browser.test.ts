import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { reportHtml } from "../../lib/report/report-html";
import { requireTool } from "../support/tools";
import { PLATFORM_IDS, samplePool, sampleReport } from "./sample-report";

const LONG_LABELS = { dedicated: "mqtt-broker", [`example.org/${"a".repeat(63)}`]: "b".repeat(63) };
const POOLS = PLATFORM_IDS.map((platform) => samplePool(platform, { labels: LONG_LABELS }));
const PAGE = reportHtml(sampleReport(...POOLS));

describe("the HTML page in a browser", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "report-page-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  it("renders every key of every pool", (context) => {
    const seen = render(context, PAGE).replaceAll("<wbr>", "");

    for (const { tuning } of POOLS) {
      for (const { key } of tuning.rows) expect(seen).toContain(`<code class="key">${key}</code>`);
    }
  });

  it.for([320, 390, 1024, 1264, 1600])("hides nothing beside a window of %i pixels", (width, context) => {
    const frame = `<!doctype html><title></title><body><iframe srcdoc="${PAGE.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}" style="border:0;width:${width}px;height:800px"></iframe>
<script>onload = () => {
  const page = document.querySelector("iframe").contentDocument;
  const hidden = [page.documentElement, ...page.querySelectorAll(".scroll")].map((box) => box.scrollWidth - box.clientWidth);
  document.title = "hidden: " + Math.max(...hidden);
}</script>`;

    expect(render(context, frame).match(/<title>(.*)<\/title><\/head>/)?.[1]).toBe("hidden: 0");
  });

  function render(context: TestContext, page: string): string {
    const chromium = requireTool(context, "chromium", "install Debian's package 'chromium'");
    const file = join(folder, "page.html");
    writeFileSync(file, page);
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
    const more = ["--disable-component-update", "--disable-sync", `--user-data-dir=${join(folder, "profile")}`, "--window-size=1400,900"];
    return execFileSync(chromium, [...flags, ...more, "--dump-dom", `file://${file}`], {
      encoding: "utf8",
      timeout: 50_000,
      maxBuffer: 64 * 2 ** 20,
      stdio: ["ignore", "pipe", "ignore"],
    });
  }
});
