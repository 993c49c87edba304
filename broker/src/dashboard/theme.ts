import { button } from "./dom.js";

const KEY = "mqttd.theme";
const ORDER = ["auto", "light", "dark"] as const;
const LABELS = { auto: "auto", light: "light", dark: "dark" };

type Theme = (typeof ORDER)[number];

/** Goes from one theme to the next; the browser remembers it. */
export function themeSwitch(): HTMLButtonElement {
  let theme = ORDER.find((one) => one === localStorage.getItem(KEY)) ?? "auto";
  const show = () => {
    document.documentElement.dataset.theme = theme;
    element.textContent = `Theme: ${LABELS[theme]}`;
  };
  const element = button(
    "",
    () => {
      theme = ORDER[(ORDER.indexOf(theme as Theme) + 1) % ORDER.length]!;
      localStorage.setItem(KEY, theme);
      show();
    },
    "quiet",
  );
  show();
  return element;
}
