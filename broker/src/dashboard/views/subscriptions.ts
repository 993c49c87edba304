import type { Subscription } from "../api-types.js";
import { h, select } from "../dom.js";
import { list, searchInput } from "../list.js";
import { link, type View } from "../view.js";

/** Who has subscribed to what. */
export const subscriptions: View = (place, { signal, args: [topic] }) =>
  list<Subscription>(place, {
    title: "Subscriptions",
    path: "/subscriptions",
    what: "subscription",
    signal,
    whenEmpty: "No subscription is like this.",
    filters: [
      { label: "Topic filter contains", control: searchInput("like_topic", topic) },
      { label: "Client ID is", control: searchInput("clientid") },
      { label: "Share group is", control: searchInput("share_group") },
      {
        label: "QoS",
        control: select("qos", [
          ["", "all"],
          ["0", "0"],
          ["1", "1"],
          ["2", "2"],
        ]),
      },
    ],
    columns: () => [
      { title: "Topic filter", cell: (one) => one.topic },
      { title: "Client ID", cell: ({ clientid }) => h("a", { href: link("clients", clientid) }, clientid) },
      { title: "QoS", isNumber: true, cell: ({ qos }) => qos },
      { title: "No Local", cell: ({ nl }) => (nl === 1 ? "yes" : "no") },
      { title: "Retain As Published", cell: ({ rap }) => (rap === 1 ? "yes" : "no") },
      { title: "Node", cell: ({ node }) => node },
    ],
  });
