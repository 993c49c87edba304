import { ApiError, call, token, whenTokenWanted } from "./api.js";
import type { Cluster } from "./api-types.js";
import { button, fill, h } from "./dom.js";
import { Live } from "./live.js";
import { noticePlace } from "./notice.js";
import { signIn } from "./sign-in.js";
import { themeSwitch } from "./theme.js";
import { link, type View } from "./view.js";
import { clients } from "./views/clients.js";
import { doctor } from "./views/doctor.js";
import { listeners } from "./views/listeners.js";
import { nodes } from "./views/nodes.js";
import { overview } from "./views/overview.js";
import { retained } from "./views/retained.js";
import { subscriptions } from "./views/subscriptions.js";
import { topics } from "./views/topics.js";
import { webSocket } from "./views/websocket.js";

const TABS: readonly (readonly [name: string, title: string, view: View])[] = [
  ["overview", "Overview", overview],
  ["nodes", "Nodes", nodes],
  ["clients", "Clients", clients],
  ["subscriptions", "Subscriptions", subscriptions],
  ["topics", "Topics", topics],
  ["retained", "Retained", retained],
  ["listeners", "Listeners", listeners],
  ["doctor", "Doctor", doctor],
  ["websocket", "WebSocket client", webSocket],
];

const live = new Live();
const theme = themeSwitch();
let leaving = new AbortController();
let header = new AbortController();
/** Nothing else is shown before a token is good. */
let isAskingForToken = false;

whenTokenWanted((why) => {
  token.forget();
  isAskingForToken = true;
  leaving.abort();
  header.abort();
  live.stop();
  document.title = "Sign in · mqttd";
  fill(document.body, h("header", {}, h("strong", {}, "mqttd"), theme), signIn(why, begin));
  document.querySelector("input")?.focus();
});

addEventListener("hashchange", () => {
  if (!isAskingForToken) void show(true);
});
begin();

function begin(): void {
  isAskingForToken = false;
  const state = h("span", { class: "live" });
  const node = h("span", { class: "node" });
  const out = button(
    "Sign out",
    () => {
      token.forget();
      location.reload();
    },
    "quiet",
  );
  fill(
    document.body,
    h("a", { class: "skip", href: "#content", onclick: skip }, "Skip to content"),
    h("header", {}, h("strong", {}, "mqttd"), node, state, theme, token.get() !== undefined && out),
    h("nav", { "aria-label": "Tabs" }, ...TABS.map(([name, title]) => h("a", { href: link(name), "data-tab": name }, title))),
    h("main", { id: "content", tabindex: -1 }),
    noticePlace(),
  );
  live.start();
  header = new AbortController();
  live.watch(() => {
    const { isConnected, missing } = live;
    state.dataset.state = isConnected ? "on" : "off";
    state.textContent = isConnected ? (missing.length > 0 ? `live, without ${missing.join(", ")}` : "live") : "not connected";
  }, header.signal);
  call<Cluster>("/cluster").then(
    ({ name, node: self }) => {
      node.textContent = name === null ? self : `${self} in ${name}`;
    },
    () => {},
  );
  void show(false);
}

/** Shows the tab that the address names. */
async function show(hasMoved: boolean): Promise<void> {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const [name = "", ...args] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const [tab, title, view] = TABS.find(([known]) => known === name) ?? TABS[0]!;
  for (const anchor of document.querySelectorAll<HTMLElement>("nav a")) {
    const isShown = anchor.dataset.tab === tab;
    if (isShown) anchor.setAttribute("aria-current", "page");
    else anchor.removeAttribute("aria-current");
    if (isShown) anchor.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  document.title = `${args[0] ?? title} · mqttd`;
  const place = document.getElementById("content")!;
  const shown = h("div", { class: "view", "aria-busy": "true" });
  // What was there stays until there is something else, unless that takes long.
  const tookLong = setTimeout(() => place.replaceChildren(shown), 150);
  try {
    await view(shown, { signal, live, args });
  } catch (error) {
    if (signal.aborted || (error instanceof ApiError && error.status === 401)) return;
    fill(shown, h("h1", {}, title), h("p", { class: "verdict bad", role: "alert" }, (error as Error).message));
  } finally {
    clearTimeout(tookLong);
  }
  if (signal.aborted) return;
  shown.removeAttribute("aria-busy");
  place.replaceChildren(shown);
  if (hasMoved) place.focus({ preventScroll: true });
}

/** The address says which tab is shown, so it cannot name a place in the page too. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}
