import type { TopicRoute } from "../api-types.js";
import { h } from "../dom.js";
import { list, searchInput } from "../list.js";
import { link, type View } from "../view.js";

/** Where messages go: filters with subscribers, once for each broker. */
export const topics: View = (place, { signal }) =>
  list<TopicRoute>(place, {
    title: "Topics",
    path: "/topics",
    what: "topic filter",
    signal,
    whenEmpty: "No topic filter is like this.",
    filters: [{ label: "Topic filter contains", control: searchInput("like_topic") }],
    columns: () => [
      { title: "Topic filter", cell: ({ topic }) => h("a", { href: link("subscriptions", topic) }, topic) },
      { title: "Node", cell: ({ node }) => node },
    ],
  });
