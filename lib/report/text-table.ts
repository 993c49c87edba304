import { COLUMNS, type ReportRow, STATUSES } from "./report-rows";
import { narrowed, remainingWidth, sideBySide, wrap } from "./text-layout";
import type { Paint } from "./text-paint";

/** Narrower, a note costs more lines than it explains. */
const LEAST_NOTE = 30;

/** As wide as notes read well; below it, values of several numbers are broken to make room. */
const GOOD_NOTE = 50;

/** Shorter than the three numbers of `tcp_rmem`, so that they break, and long enough for nearly all else. */
const BROKEN_VALUE = 17;

/** Sign and blank before each key. */
const GUTTER = 2;

/** Deeper than the gutter, so that keys stand out where they have a line of their own. */
const INDENT = 4;

/**
 * The rows as a table within `width`. Where the terminal is too narrow for all columns, the key gets a line of its own; where that
 * does not suffice, the notes go below the values.
 */
export function textTable(rows: readonly ReportRow[], width: number, paint: Paint): string[] {
  const natural = columnWidths(rows, width);
  const broken = [natural[0]!, ...columnWidths(rows, BROKEN_VALUE).slice(1)];
  const noteRoom = (widths: readonly number[]) => remainingWidth(widths, width - GUTTER);

  const wide = noteRoom(natural) >= GOOD_NOTE ? natural : broken;
  return noteRoom(wide) >= LEAST_NOTE
    ? wideTable(rows, [...wide, noteRoom(wide)], paint)
    : narrowTable(rows, natural.slice(1), width, paint);
}

/** What each column but the note's needs when its cells are wrapped at `most`. */
function columnWidths(rows: readonly ReportRow[], most: number): number[] {
  const lines = [COLUMNS.slice(0, -1), ...rows.map((row) => [keyCell(row), ...valueCells(row).flat()])];
  return COLUMNS.slice(0, -1).map((_, place) =>
    Math.max(...lines.flatMap((cells) => wrap(cells[place]!, most)).map((line) => line.length)),
  );
}

function wideTable(rows: readonly ReportRow[], widths: readonly number[], paint: Paint): string[] {
  const titles = sideBySide(
    COLUMNS.map((title) => [title]),
    widths,
  );
  return [
    ...titles.map((line) => paint("dim", " ".repeat(GUTTER) + line)),
    ...rows.flatMap((row) => {
      const lines = sideBySide([[keyCell(row)], ...valueCells(row), row.notes], widths);
      return lines.map((line, index) => (index === 0 ? `${sign(row, paint)} ${line}` : " ".repeat(GUTTER) + line));
    }),
  ];
}

function narrowTable(rows: readonly ReportRow[], natural: readonly number[], width: number, paint: Paint): string[] {
  const room = width - INDENT;
  const values = narrowed(natural, room);
  const noteRoom = remainingWidth(values, room);
  const beside = noteRoom >= LEAST_NOTE;
  const widths = beside ? [...values, noteRoom] : values;
  const indented = (line: string) => " ".repeat(INDENT) + line;
  const titles = COLUMNS.slice(1, beside ? undefined : -1).map((title) => [title]);

  return [
    paint("dim", `${" ".repeat(GUTTER)}key`),
    ...sideBySide(titles, widths).map((line) => paint("dim", indented(line))),
    ...rows.flatMap((row) => [
      ...wrap(keyCell(row), width - GUTTER).map((line, index) => `${index === 0 ? sign(row, paint) : " "} ${line}`),
      ...sideBySide(beside ? [...valueCells(row), row.notes] : valueCells(row), widths).map(indented),
      ...(beside ? [] : row.notes.flatMap((note) => wrap(note, room).map(indented))),
    ]),
  ];
}

function keyCell({ key, required }: ReportRow): string {
  return required ? `${key} *` : key;
}

function valueCells({ wanted, node, kubelet, pod }: ReportRow): string[][] {
  return [[wanted], [node], [kubelet], [pod]];
}

function sign({ status }: ReportRow, paint: Paint): string {
  return paint(status, STATUSES[status].sign);
}
