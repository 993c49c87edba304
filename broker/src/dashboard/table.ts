import { type Child, h } from "./dom.js";

export interface Column<Item> {
  readonly title: string;
  readonly isNumber?: boolean;
  cell(item: Item): Child;
}

/** A table that scrolls inside of itself, and on a narrow screen shows each row as a card. */
export function table<Item>(caption: string, columns: readonly Column<Item>[], items: readonly Item[], whenEmpty: string): HTMLElement {
  if (items.length === 0) return h("p", { class: "empty" }, whenEmpty);
  const kind = (isNumber = false) => (isNumber ? "number" : undefined);
  return h(
    "div",
    { class: "scroll", role: "region", "aria-label": caption, tabindex: 0 },
    h(
      "table",
      { role: "table" },
      h("caption", { class: "hidden" }, caption),
      h(
        "thead",
        { role: "rowgroup" },
        h(
          "tr",
          { role: "row" },
          ...columns.map(({ title, isNumber }) =>
            h("th", { role: "columnheader", scope: "col", class: kind(isNumber) }, title || h("span", { class: "hidden" }, "Actions")),
          ),
        ),
      ),
      h(
        "tbody",
        { role: "rowgroup" },
        ...items.map((item) =>
          h(
            "tr",
            { role: "row" },
            ...columns.map(({ title, isNumber, cell }) =>
              h("td", { role: "cell", "data-label": title, class: kind(isNumber) }, h("span", {}, cell(item))),
            ),
          ),
        ),
      ),
    ),
  );
}

/** Names and values. */
export function facts(caption: string, entries: readonly (readonly [string, Child])[]): HTMLElement {
  return h(
    "dl",
    { class: "facts", "aria-label": caption },
    ...entries.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

/** A state in colour and in words. */
export function badge(text: string, kind: "good" | "bad" | "warn" | "plain"): HTMLElement {
  return h("span", { class: `badge ${kind}` }, text);
}
