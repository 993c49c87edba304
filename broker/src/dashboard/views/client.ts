import { call, part } from "../api.js";
import type { ClientDetail, Subscription } from "../api-types.js";
import { confirmed } from "../dialog.js";
import { button, field, h, select } from "../dom.js";
import { bytes, count, duration, moment } from "../format.js";
import { attempt } from "../notice.js";
import { type Column, facts, table } from "../table.js";
import { link, type Scope } from "../view.js";
import { addressText, kick, stateBadge, versionText } from "./clients.js";

const NEVER_EXPIRES = 0xffff_ffff;

/** One client: its connection, its session, what waits for it and what it has subscribed to. */
export async function client(place: HTMLElement, { signal }: Scope, clientId: string): Promise<void> {
  const again = () => void dispatchEvent(new HashChangeEvent("hashchange"));
  const it = await call<ClientDetail>(`/clients/${part(clientId)}`, { signal });
  const { session_expiry_interval: expiry } = it;
  place.append(
    h("p", {}, h("a", { href: link("clients") }, "Clients")),
    h("h1", {}, clientId),
    h(
      "div",
      { class: "filters" },
      stateBadge(it),
      button("Refresh", again),
      button("Kick", async () => (await kick(it)) && again(), "danger"),
    ),
    h("h2", {}, "Connection"),
    facts("Connection", [
      ["User name", it.username ?? "–"],
      ["Node", it.node],
      ["Listener", it.listener ?? "–"],
      ["Address", addressText(it)],
      ["TLS", it.tls ?? "no"],
      ["MQTT", versionText(it.proto_ver)],
      ["Keep alive", it.keepalive === null ? "–" : it.keepalive === 0 ? "off" : duration(it.keepalive)],
      ["Connected since", moment(it.connected_at)],
      ["Away since", moment(it.disconnected_at)],
    ]),
    h("h2", {}, "Session"),
    facts("Session", [
      ["Begun", moment(it.created_at)],
      ["Clean start", it.clean_start ? "yes" : "no"],
      ["Outlives its connection", expiry === 0 ? "no" : expiry === NEVER_EXPIRES ? "for ever" : `by ${duration(expiry)}`],
      ["Expires", moment(it.expires_at)],
      ["In flight", `${count(it.inflight)} of ${it.receive_maximum ?? "–"} (${bytes(it.inflight_bytes)})`],
      ["Queued", `${count(it.enqueued_msgs)} (${bytes(it.enqueued_bytes)})`],
      ["Delivered", count(it.delivered_msgs)],
      ["Dropped", count(it.dropped_msgs)],
      ["Not released (QoS 2)", count(it.awaiting_rel)],
      ["Will that waits", it.has_will_waiting ? "yes" : "no"],
    ]),
    h("h2", {}, "Subscriptions"),
    adding(it, again),
    table("Subscriptions", columns(it, again), it.topics, "It has none."),
  );
}

function columns(it: ClientDetail, again: () => void): readonly Column<Subscription>[] {
  const remove = async (topic: string) => {
    const body = [`${it.clientid} gets nothing more by this subscription, and is not told that it has ended.`];
    if (!(await confirmed({ title: `End the subscription to ${topic}?`, body, action: "End it" }))) return;
    const request = { method: "DELETE", query: { node: it.node } } as const;
    if (await attempt(() => call(`/clients/${part(it.clientid)}/subscriptions/${part(topic)}`, request), "The subscription has ended."))
      again();
  };
  return [
    { title: "Topic filter", cell: ({ topic }) => topic },
    { title: "QoS", isNumber: true, cell: ({ qos }) => qos },
    { title: "No Local", cell: ({ nl }) => (nl === 1 ? "yes" : "no") },
    { title: "Retain As Published", cell: ({ rap }) => (rap === 1 ? "yes" : "no") },
    { title: "Retain Handling", isNumber: true, cell: ({ rh }) => rh },
    { title: "", cell: ({ topic }) => button("Remove", () => remove(topic), "danger") },
  ];
}

function adding({ clientid, node }: ClientDetail, again: () => void): HTMLElement {
  const topic = h("input", { name: "topic", required: true, autocomplete: "off", spellcheck: "false" });
  const qos = qosSelect();
  const add = async (event: Event) => {
    event.preventDefault();
    const body = { topic: topic.value, qos: Number(qos.value) };
    const request = { method: "POST", query: { node }, body } as const;
    if (await attempt(() => call(`/clients/${part(clientid)}/subscriptions`, request), `${clientid} is subscribed to ${topic.value}.`))
      again();
  };
  return h(
    "form",
    { class: "filters", onsubmit: add },
    field("Topic filter", topic),
    field("QoS", qos),
    h("button", { class: "primary" }, "Subscribe in its place"),
  );
}

export function qosSelect(): HTMLSelectElement {
  return select(
    "qos",
    [0, 1, 2].map((qos) => [String(qos), String(qos)] as const),
    "0",
  );
}
