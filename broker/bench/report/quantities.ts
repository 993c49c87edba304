import type { Budget, Row, Unit } from "../rows.js";

/** Three digits that mean something, and the unit: "2.31 M msg/s", "1,480 B", "73 µs". */
export function quantity(value: number, unit: Unit): string {
  if (unit === "msg/s" || unit === "conn/s") {
    if (value >= 1e6) return `${digits(value / 1e6)} M ${unit}`;
    if (value >= 1e3) return `${digits(value / 1e3)} k ${unit}`;
    return `${digits(value)} ${unit}`;
  }
  return `${Math.round(value).toLocaleString("en")} ${unit}`;
}

/** "23.4 ×". */
export function times(ratio: number): string {
  return `${digits(ratio)} ×`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** "≥ 15 × mosquitto", "≤ 2,048 B". */
export function bound(value: number, row: Pick<Row, "better" | "unit">, budget: Budget): string {
  const sign = row.better === "higher" ? "≥" : "≤";
  return budget.measure === "ratio" ? `${sign} ${value} × mosquitto` : `${sign} ${quantity(value, row.unit)}`;
}

function digits(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(value >= 10 ? 1 : 2);
}
