import { type Answer, call, part } from "../api.js";
import type { Listener } from "../api-types.js";
import { confirmed } from "../dialog.js";
import { button, fill, h } from "../dom.js";
import { count } from "../format.js";
import { attempt, complain } from "../notice.js";
import { badge, type Column, table } from "../table.js";
import type { View } from "../view.js";

/** What clients come in by, on every broker. */
export const listeners: View = (place, { signal }) => {
  const found = h("div", {});
  const load = async () => {
    const { data, meta } = await call<Answer<Listener>>("/listeners", { signal });
    const missing = meta.missing !== undefined && h("p", { class: "empty" }, `No answer of ${meta.missing.join(", ")}.`);
    fill(found, table("Listeners", columns(refresh), data, "There is none."), missing);
  };
  const refresh = () => void load().catch(complain);
  place.append(h("h1", {}, "Listeners"), h("div", { class: "filters" }, button("Refresh", refresh)), found);
  return load();
};

function columns(refresh: () => void): readonly Column<Listener>[] {
  return [
    { title: "Name", cell: ({ id }) => id },
    { title: "Type", cell: ({ type, proxy_protocol }) => (proxy_protocol ? `${type}, PROXY protocol` : type) },
    { title: "Listens on", cell: ({ listen_on, path }) => `${listen_on}${path ?? ""}` },
    { title: "State", cell: ({ running }) => (running ? badge("running", "good") : badge("stopped", "bad")) },
    { title: "Connections", isNumber: true, cell: ({ current_conn }) => count(current_conn) },
    { title: "At most", isNumber: true, cell: ({ max_conns }) => (max_conns === null ? "no limit" : count(max_conns)) },
    { title: "Node", cell: ({ node }) => node },
    {
      title: "",
      cell: (one) =>
        one.running
          ? button("Stop", async () => (await stop(one)) && refresh(), "danger")
          : button("Start", async () => (await start(one)) && refresh(), "primary"),
    },
  ];
}

async function stop({ id, node, listen_on }: Listener): Promise<boolean> {
  const body = [`${node} accepts nobody on ${listen_on} any more, until it is started again. Connections that are open stay.`];
  if (!(await confirmed({ title: `Stop ${id}?`, body, action: "Stop" }))) return false;
  return change(id, node, "stop", `${id} is stopped.`);
}

async function start({ id, node, listen_on }: Listener): Promise<boolean> {
  const body = [`${node} accepts connections on ${listen_on} again.`];
  if (!(await confirmed({ title: `Start ${id}?`, body, action: "Start" }))) return false;
  return change(id, node, "start", `${id} is running.`);
}

function change(id: string, node: string, action: string, done: string): Promise<boolean> {
  return attempt(() => call(`/listeners/${part(id)}/${action}`, { method: "POST", query: { node } }), done);
}
