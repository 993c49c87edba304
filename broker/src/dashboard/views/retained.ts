import { call, part } from "../api.js";
import type { Retained, RetainedDetail } from "../api-types.js";
import { confirmed } from "../dialog.js";
import { button, h } from "../dom.js";
import { bytes, moment } from "../format.js";
import { list, searchInput } from "../list.js";
import { attempt } from "../notice.js";
import { bytesOfBase64, hexOf } from "../payload.js";
import { facts } from "../table.js";
import { link, type View } from "../view.js";

/** Messages that wait for subscribers; one of them with its payload, by its topic. */
export const retained: View = (place, { signal, args: [topic] }) => {
  if (topic !== undefined) return message(place, topic, signal);
  return list<Retained>(place, {
    title: "Retained",
    path: "/retained",
    what: "retained message",
    signal,
    whenEmpty: "Nothing is retained under such a topic.",
    filters: [{ label: "Topic filter", control: searchInput("topic") }],
    columns: (refresh) => [
      { title: "Topic", cell: (one) => h("a", { href: link("retained", one.topic) }, one.topic) },
      { title: "QoS", isNumber: true, cell: ({ qos }) => qos },
      { title: "Payload", isNumber: true, cell: ({ payload_bytes }) => bytes(payload_bytes) },
      { title: "From", cell: ({ from_clientid }) => from_clientid || "the broker" },
      { title: "Expires", cell: ({ expires_at }) => moment(expires_at) },
      { title: "", cell: (one) => button("Delete", async () => (await remove(one.topic)) && refresh(), "danger") },
    ],
  });
};

async function remove(topic: string): Promise<boolean> {
  const body = ["Who subscribes from now on does not get it. Those who have it already are not told."];
  if (!(await confirmed({ title: `Delete what is retained for ${topic}?`, body, action: "Delete" }))) return false;
  return attempt(() => call(`/retained/${part(topic)}`, { method: "DELETE" }), `Nothing is retained for ${topic} any more.`);
}

async function message(place: HTMLElement, topic: string, signal: AbortSignal): Promise<void> {
  const it = await call<RetainedDetail>(`/retained/${part(topic)}`, { signal });
  const shown = h("pre", { tabindex: 0, "aria-label": "Payload" });
  const hex = () => hexOf(bytesOfBase64(it.payload));
  const toggle = button("", () => show(!isHex));
  let isHex = it.payload_text === null;
  const show = (next: boolean) => {
    isHex = next;
    shown.textContent = isHex ? hex() : it.payload_text;
    toggle.textContent = isHex ? "Show as text" : "Show as hex";
  };
  show(isHex);
  toggle.hidden = it.payload_text === null;
  place.append(
    h("p", {}, h("a", { href: link("retained") }, "Retained")),
    h("h1", {}, topic),
    h(
      "div",
      { class: "filters" },
      toggle,
      button(
        "Delete",
        async () => {
          if (await remove(topic)) location.hash = link("retained");
        },
        "danger",
      ),
    ),
    facts("Retained message", [
      ["QoS", it.qos],
      ["From", it.from_clientid || "the broker"],
      ["Payload", bytes(it.payload_bytes)],
      ["Content type", it.content_type ?? "–"],
      ["Expires", moment(it.expires_at)],
    ]),
    shown,
  );
}
