const COUNT = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const SMALL = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** 18,000 */
export function count(value: number): string {
  return COUNT.format(value);
}

/** For where there is little room: 50K */
export function compact(value: number): string {
  return Math.abs(value) < 10_000 ? SMALL.format(value) : COMPACT.format(value);
}

/** A second: 0.4/s, 51,200/s */
export function rate(value: number): string {
  return `${value < 100 ? SMALL.format(value) : COUNT.format(value)}/s`;
}

/** 1.5 MiB */
export function bytes(value: number): string {
  const unit = value < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log2(value) / 10));
  return `${SMALL.format(value / 1_024 ** unit)} ${BYTE_UNITS[unit]}`;
}

/** 3 d 4 h, of seconds. */
export function duration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [Math.floor(seconds) % 60, "s"],
  ] as const;
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(" ");
}

/** Of milliseconds since 1970, in the zone of who looks: 2026-11-29 18:30:00 */
export function moment(ms: number | null): string {
  return ms === null ? "–" : `${new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace("T", " ")}`;
}

/** 18:30:00 */
export function timeOfDay(ms: number): string {
  return moment(ms).slice(11);
}

/** `n` of something: "1 client", "2 clients". */
export function counted(n: number, what: string): string {
  return `${count(n)} ${what}${n === 1 ? "" : "s"}`;
}
