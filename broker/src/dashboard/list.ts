import { type Answer, call } from "./api.js";
import { button, field, fill, h } from "./dom.js";
import { counted } from "./format.js";
import { complain } from "./notice.js";
import { type Column, table } from "./table.js";

const PAGE_SIZE = 50;
const TYPING_MS = 300;

export interface ListOptions<Item> {
  readonly title: string;
  readonly path: string;
  /** What an entry is called: "client". */
  readonly what: string;
  readonly filters: readonly { readonly label: string; readonly control: HTMLInputElement | HTMLSelectElement }[];
  columns(refresh: () => void): readonly Column<Item>[];
  readonly whenEmpty: string;
  readonly signal: AbortSignal;
}

/** A list of the API, page by page, with what narrows it. */
export function list<Item>(place: HTMLElement, options: ListOptions<Item>): Promise<void> {
  const { title, path, what, filters, signal } = options;
  const found = h("div", {});
  const status = h("span", { role: "status", class: "quiet" });
  /** Where the pages begin up to the one that is shown; the first has no cursor. */
  let starts: readonly (string | undefined)[] = [undefined];
  let next: string | undefined;
  let asked = 0;

  /** The last of `pages` is shown. One that does not come, or that another is asked for instead, leaves all as it is. */
  const load = async (pages: readonly (string | undefined)[]) => {
    const turn = ++asked;
    const query = Object.fromEntries(filters.map(({ control }) => [control.name, control.value.trim()]));
    const answer = await call<Answer<Item>>(path, { query: { ...query, limit: PAGE_SIZE, cursor: pages.at(-1) }, signal });
    if (turn !== asked) return;
    const { data, meta } = answer;
    starts = pages;
    next = meta.cursor;
    const missing = meta.missing === undefined ? "" : ` No answer of ${meta.missing.join(", ")}: the list is not whole.`;
    status.textContent = `${starts.length > 1 || next !== undefined ? `Page ${starts.length}: ` : ""}${counted(data.length, what)}.${missing}`;
    previous.disabled = starts.length === 1;
    following.disabled = next === undefined;
    fill(found, table(title, options.columns(refresh), data, options.whenEmpty));
  };
  const go = (pages: readonly (string | undefined)[]) => void load(pages).catch(complain);
  const refresh = () => go(starts);
  const restart = () => go([undefined]);
  const previous = button("Previous", () => go(starts.slice(0, -1)));
  const following = button("Next", () => go([...starts, next]));

  let typing: ReturnType<typeof setTimeout> | undefined;
  const form = h(
    "form",
    {
      class: "filters",
      role: "search",
      onsubmit: (event: Event) => {
        event.preventDefault();
        restart();
      },
      oninput: () => {
        clearTimeout(typing);
        typing = setTimeout(restart, TYPING_MS);
      },
    },
    ...filters.map(({ label, control }) => field(label, control)),
    button("Refresh", refresh),
  );
  place.append(h("h1", {}, title), form, found, h("div", { class: "pager" }, status, previous, following));
  return load(starts);
}

export function searchInput(name: string, value = ""): HTMLInputElement {
  return h("input", { name, type: "search", autocomplete: "off", spellcheck: "false", value });
}
