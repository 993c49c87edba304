import type { PublishPacket, Qos } from "../../codec/packet.js";
import { type Answer, call } from "../api.js";
import type { Cluster, Listener } from "../api-types.js";
import { button, field, fill, h, select } from "../dom.js";
import { timeOfDay } from "../format.js";
import { MqttClient } from "../mqtt-client.js";
import { attempt, complain, say } from "../notice.js";
import { hexOf, textOf } from "../payload.js";
import { badge, table } from "../table.js";
import type { View } from "../view.js";
import { qosSelect } from "./client.js";

/** The oldest go first. */
const MOST_MESSAGES = 200;
/** Messages may come faster than a table of them can be drawn. */
const DRAWN_EACH_MS = 250;

interface Seen {
  readonly atMs: number;
  readonly message: PublishPacket;
}

/** The client stays connected, and collects messages, while other tabs are shown. */
let client: MqttClient | undefined;
const filters = new Map<string, Qos>();
const seen: Seen[] = [];
let show: () => void = () => {};
let isDrawing = false;

/** An MQTT client to try things with. */
export const webSocket: View = async (place, { signal }) => {
  const [{ data }, { node }] = await Promise.all([call<Answer<Listener>>("/listeners", { signal }), call<Cluster>("/cluster", { signal })]);
  const usable = data.filter((one) => one.node === node && (one.type === "ws" || one.type === "wss"));
  const state = h("span", { role: "status" });
  const subscribed = h("div", {});
  const messages = h("div", {});
  const disconnect = button("Disconnect", () => client?.disconnect());
  const connecting = connectForm(usable);
  show = () => {
    const isConnected = client !== undefined;
    fill(state, isConnected ? badge("connected", "good") : badge("not connected", "plain"));
    connecting.hidden = isConnected;
    disconnect.hidden = !isConnected;
    working.hidden = !isConnected;
    showSubscriptions(subscribed);
    showMessages(messages);
  };
  const working = h("div", { class: "columns" }, h("section", {}, h("h2", {}, "Subscribe"), subscribeForm(), subscribed), publishForm());
  place.append(
    h("h1", {}, "WebSocket client"),
    h("div", { class: "filters" }, state, disconnect),
    usable.length === 0
      ? h(
          "p",
          { class: "empty" },
          `${node} has no WebSocket listener: start it with --ws-port, or add a listener of type ws to its settings.`,
        )
      : connecting,
    working,
    h("h2", {}, "Messages"),
    messages,
  );
  show();
  signal.addEventListener("abort", () => {
    show = () => {};
  });
};

function showSoon(): void {
  if (isDrawing) return;
  isDrawing = true;
  setTimeout(() => {
    isDrawing = false;
    show();
  }, DRAWN_EACH_MS);
}

function connectForm(usable: readonly Listener[]): HTMLFormElement {
  const listener = select(
    "listener",
    usable.map((one) => [one.id, `${one.id}: ${urlOf(one)}`] as const),
    usable[0]?.id,
  );
  const clientId = h("input", {
    name: "clientid",
    required: true,
    autocomplete: "off",
    value: `dashboard-${crypto.getRandomValues(new Uint32Array(1))[0]!.toString(16)}`,
  });
  const userName = h("input", { name: "user", autocomplete: "off" });
  const password = h("input", { name: "password", type: "password", autocomplete: "off" });
  const version = select(
    "version",
    [
      ["5", "5.0"],
      ["4", "3.1.1"],
    ],
    "5",
  );
  const cleanStart = h("input", { type: "checkbox", checked: true });
  const connect = async (event: Event) => {
    event.preventDefault();
    const made = new MqttClient({
      url: urlOf(usable.find(({ id }) => id === listener.value)!),
      version: version.value === "5" ? 5 : 4,
      clientId: clientId.value,
      cleanStart: cleanStart.checked,
      userName: userName.value || undefined,
      password: password.value || undefined,
      onMessage: (message) => {
        seen.unshift({ atMs: Date.now(), message });
        seen.length = Math.min(seen.length, MOST_MESSAGES);
        showSoon();
      },
      onEnd: (why) => {
        client = undefined;
        filters.clear();
        say(`MQTT: ${why}.`);
        show();
      },
    });
    try {
      await made.connect();
      client = made;
    } catch (error) {
      complain(error);
    }
    show();
  };
  return h(
    "form",
    { class: "filters", onsubmit: connect },
    field("Listener", listener),
    field("Client ID", clientId),
    field("User name", userName),
    field("Password", password),
    field("MQTT", version),
    h("label", { class: "check" }, cleanStart, "Clean start"),
    h("button", { class: "primary" }, "Connect"),
  );
}

/** By the name that the page was called by, which is the one that its policy allows. */
function urlOf({ type, listen_on, path }: Listener): string {
  return `${type}://${location.hostname}:${listen_on.slice(listen_on.lastIndexOf(":") + 1)}${path}`;
}

function subscribeForm(): HTMLFormElement {
  const topic = h("input", { name: "filter", required: true, autocomplete: "off", spellcheck: "false", value: "#" });
  const qos = qosSelect();
  const subscribe = async (event: Event) => {
    event.preventDefault();
    const [filter, wanted] = [topic.value, Number(qos.value) as Qos];
    if (await attempt(async () => client!.subscribe(filter, wanted), `Subscribed to ${filter}.`)) filters.set(filter, wanted);
    show();
  };
  return h(
    "form",
    { class: "filters", onsubmit: subscribe },
    field("Topic filter", topic),
    field("QoS", qos),
    h("button", { class: "primary" }, "Subscribe"),
  );
}

function publishForm(): HTMLElement {
  const topic = h("input", { name: "topic", required: true, autocomplete: "off", spellcheck: "false" });
  const payload = h("textarea", { name: "payload", rows: 3, spellcheck: "false" });
  const qos = qosSelect();
  const retain = h("input", { type: "checkbox" });
  const publish = (event: Event) => {
    event.preventDefault();
    const bytes = new TextEncoder().encode(payload.value);
    const done = `Published to ${topic.value}.`;
    void attempt(async () => client!.publish(topic.value, bytes, Number(qos.value) as Qos, retain.checked), done);
  };
  return h(
    "section",
    {},
    h("h2", {}, "Publish"),
    h(
      "form",
      { class: "filters", onsubmit: publish },
      field("Topic", topic),
      field("QoS", qos),
      h("label", { class: "check" }, retain, "Retain"),
      field("Payload", payload, "wide"),
      h("button", { class: "primary" }, "Publish"),
    ),
  );
}

function showSubscriptions(place: HTMLElement): void {
  const remove = async (filter: string) => {
    if (await attempt(async () => client!.unsubscribe(filter), `Unsubscribed from ${filter}.`)) filters.delete(filter);
    show();
  };
  const columns = [
    { title: "Topic filter", cell: ([filter]: [string, Qos]) => filter },
    { title: "QoS", isNumber: true, cell: ([, qos]: [string, Qos]) => qos },
    { title: "", cell: ([filter]: [string, Qos]) => button("Unsubscribe", () => remove(filter)) },
  ];
  fill(place, table("Subscriptions of this client", columns, [...filters], "Nothing yet."));
}

function showMessages(place: HTMLElement): void {
  const columns = [
    { title: "Time", cell: ({ atMs }: Seen) => timeOfDay(atMs) },
    { title: "Topic", cell: ({ message }: Seen) => message.topic },
    { title: "QoS", isNumber: true, cell: ({ message }: Seen) => message.qos },
    { title: "Retained", cell: ({ message }: Seen) => (message.retain ? "yes" : "no") },
    { title: "Payload", cell: ({ message: { payload } }: Seen) => h("code", { class: "payload" }, textOf(payload) ?? hexOf(payload)) },
  ];
  fill(place, table("Messages", columns, seen, "None has come."));
}
