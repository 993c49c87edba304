/*
 * What `emqx ctl` prints, made of what our API answers; what we do not have is left out.
 */

// biome-ignore lint/suspicious/noExplicitAny: told by the API's OpenAPI document
type Entry = Readonly<Record<string, any>>;

export function statusText({ node, version, status }: Entry): string {
  return `Node '${node}' ${version} is ${status === "ready" ? "started" : status}\n`;
}

export function brokerText({ sysdescr, version, datetime, uptime_seconds }: Entry): string {
  return keyed({ sysdescr, version, datetime, uptime: uptimeText(uptime_seconds) }, 10);
}

export function numbersText(numbers: Entry): string {
  return keyed(numbers, 30);
}

export function listenersText(listeners: readonly Entry[]): string {
  const hasSeveralNodes = new Set(listeners.map(({ node }) => node)).size > 1;
  return listeners
    .map(({ id, node, listen_on, proxy_protocol, running, current_conn, max_conns }) => {
      const fields = {
        ...(hasSeveralNodes && { node }),
        ...{ listen_on, proxy_protocol, running, current_conn, max_conns: max_conns ?? "infinity" },
      };
      return `${id}\n${keyed(fields, 16, "  ")}`;
    })
    .join("");
}

export function clientLine(client: Entry): string {
  const { clientid, username, ip_address, port, connected, created_at, connected_at, disconnected_at } = client;
  const fields = {
    username: username ?? "undefined",
    peername: ip_address === null ? "undefined" : `${ip_address.includes(":") ? `[${ip_address}]` : ip_address}:${port}`,
    clean_start: client.clean_start,
    keepalive: client.keepalive ?? "undefined",
    session_expiry_interval: client.session_expiry_interval,
    subscriptions: client.subscriptions,
    inflight: client.inflight,
    awaiting_rel: client.awaiting_rel,
    delivered_msgs: client.delivered_msgs,
    enqueued_msgs: client.enqueued_msgs,
    dropped_msgs: client.dropped_msgs,
    connected,
    created_at,
    ...(connected ? { connected_at } : { disconnected_at }),
  };
  const text = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  return `Client(${[clientid, ...text].join(", ")})\n`;
}

export function subscriptionLine({ clientid, topic, qos, nl, rh, rap }: Entry): string {
  return `${clientid} -> topic:${topic} qos:${qos} nl:${nl} rh:${rh} rap:${rap}\n`;
}

export function topicLine({ topic, node }: Entry): string {
  return `${topic} -> ${node}\n`;
}

export function retainedLine({ topic }: Entry): string {
  return `${topic}\n`;
}

export function retainedText({ topic, qos, payload_text, payload, from_clientid }: Entry): string {
  return keyed({ topic, qos, from_clientid, payload: payload_text ?? `base64 ${payload}` }, 14);
}

export function banLine({ as, who, by, reason, at, until }: Entry): string {
  const fields = {
    by,
    ...(reason !== "" && { reason }),
    ...(at !== null && { at: timeText(at) }),
    until: until === null ? "infinity" : timeText(until),
  };
  return `Banned(${as}:${who}, ${Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ")})\n`;
}

export function clusterText({
  running_nodes,
  stopped_nodes,
}: {
  running_nodes: readonly string[];
  stopped_nodes: readonly string[];
}): string {
  return `Cluster status: #{running_nodes => [${quoted(running_nodes)}],stopped_nodes => [${quoted(stopped_nodes)}]}\n`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(",");
}

function keyed(fields: Entry, width: number, indent = ""): string {
  return Object.entries(fields)
    .map(([name, value]) => `${indent}${name.padEnd(width)}: ${value}\n`)
    .join("");
}

function timeText(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace(".000", "");
}

/** As EMQX counts it: from the largest unit that is not 0 on. */
function uptimeText(seconds: number): string {
  const units = [
    ["days", Math.floor(seconds / 86_400)],
    ["hours", Math.floor(seconds / 3_600) % 24],
    ["minutes", Math.floor(seconds / 60) % 60],
    ["seconds", seconds % 60],
  ] as const;
  const first = units.findIndex(([, count]) => count > 0);
  return units
    .slice(first < 0 ? -1 : first)
    .map(([unit, count]) => `${count} ${unit}`)
    .join(", ");
}
