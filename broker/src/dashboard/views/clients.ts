import { call, part } from "../api.js";
import type { Client } from "../api-types.js";
import { confirmed } from "../dialog.js";
import { button, h, select } from "../dom.js";
import { count, moment } from "../format.js";
import { list, searchInput } from "../list.js";
import { attempt } from "../notice.js";
import { badge, type Column } from "../table.js";
import { link, type View } from "../view.js";
import { client } from "./client.js";

const VERSIONS: Readonly<Record<number, string>> = { 3: "3.1", 4: "3.1.1", 5: "5.0" };

export function versionText(level: number | null): string {
  return level === null ? "–" : (VERSIONS[level] ?? String(level));
}

export function addressText({ ip_address: address, port }: Client): string {
  if (address === null) return "–";
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

export function stateBadge({ connected }: Client): HTMLElement {
  return connected ? badge("connected", "good") : badge("away", "plain");
}

/** Clients, those that are away with a session too; one of them, by its identifier. */
export const clients: View = (place, scope) => {
  const [clientId] = scope.args;
  if (clientId !== undefined) return client(place, scope, clientId);
  return list<Client>(place, {
    title: "Clients",
    path: "/clients",
    what: "client",
    signal: scope.signal,
    whenEmpty: "No client is like this.",
    filters: [
      { label: "Client ID contains", control: searchInput("like_clientid") },
      { label: "User name contains", control: searchInput("like_username") },
      { label: "Address begins with", control: searchInput("ip_address") },
      {
        label: "State",
        control: select("conn_state", [
          ["", "all"],
          ["connected", "connected"],
          ["disconnected", "away"],
        ]),
      },
    ],
    columns,
  });
};

function columns(refresh: () => void): readonly Column<Client>[] {
  return [
    { title: "Client ID", cell: ({ clientid }) => h("a", { href: link("clients", clientid) }, clientid) },
    { title: "User name", cell: ({ username }) => username ?? "–" },
    { title: "State", cell: stateBadge },
    { title: "Address", cell: addressText },
    { title: "Node", cell: ({ node }) => node },
    { title: "Listener", cell: ({ listener }) => listener ?? "–" },
    { title: "MQTT", cell: ({ proto_ver }) => versionText(proto_ver) },
    { title: "Subscriptions", isNumber: true, cell: ({ subscriptions }) => count(subscriptions) },
    { title: "In flight", isNumber: true, cell: ({ inflight }) => count(inflight) },
    { title: "Queued", isNumber: true, cell: ({ enqueued_msgs }) => count(enqueued_msgs) },
    { title: "Since", cell: ({ connected_at, disconnected_at }) => moment(connected_at ?? disconnected_at) },
    { title: "", cell: (one) => button("Kick", async () => (await kick(one)) && refresh(), "danger") },
  ];
}

/** Asks, and then kicks a client out. @returns whether it is out */
export async function kick({ clientid, node }: Client): Promise<boolean> {
  const keeps = h("input", { type: "checkbox" });
  const isMeant = await confirmed({
    title: `Kick ${clientid}?`,
    body: [
      "Its connection ends. It may connect again at once, unless it is banned.",
      h("label", { class: "check" }, keeps, "Keep its session, with subscriptions and what is queued"),
    ],
    action: "Kick",
  });
  if (!isMeant) return false;
  const query = { node, session: keeps.checked ? "keep" : "end" };
  return attempt(() => call(`/clients/${part(clientid)}`, { method: "DELETE", query }), `${clientid} is kicked out.`);
}
