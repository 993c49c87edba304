import { button, h } from "./dom.js";

const SHOWN_MS = 6_000;

const place = h("div", { class: "notices", role: "status", "aria-live": "polite" });

/** Where notices appear: once in the page. */
export function noticePlace(): HTMLElement {
  return place;
}

/** Says that something is done; it goes away by itself. */
export function say(text: string): void {
  const notice = h("p", { class: "notice" }, text);
  place.append(notice);
  setTimeout(() => notice.remove(), SHOWN_MS);
}

/** Says why something is not done; it stays until it is put away. */
export function complain(error: unknown): void {
  if (error instanceof Error && error.name === "AbortError") return;
  const text = error instanceof Error ? error.message : String(error);
  const notice: HTMLElement = h(
    "p",
    { class: "notice bad", role: "alert" },
    h("span", {}, text),
    button("Dismiss", () => notice.remove(), "quiet"),
  );
  place.append(notice);
}

/** Does something, and says what has come of it. @returns whether it is done */
export async function attempt(act: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await act();
    say(done);
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}
