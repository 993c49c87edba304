/** Between two columns. */
const GAP = 2;

/** Breaks `text` at blanks into lines of at most `width`; a longer word is cut. Always at least one line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).flatMap((whole) => pieces(whole, width))) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= width) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  return [...lines, line];
}

/** `text` wrapped within `width`, its first line after `first` and the others as far in. */
export function hanging(first: string, text: string, width: number): string[] {
  return wrap(text, width - first.length).map((line, index) => (index === 0 ? first : " ".repeat(first.length)) + line);
}

/** Cells side by side, each a list of paragraphs wrapped within its column's width. */
export function sideBySide(cells: readonly (readonly string[])[], widths: readonly number[]): string[] {
  const columns = cells.map((paragraphs, place) => paragraphs.flatMap((paragraph) => wrap(paragraph, widths[place]!)));
  const height = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) =>
    columns
      .map((lines, place) => (lines[row] ?? "").padEnd(widths[place]!))
      .join(" ".repeat(GAP))
      .trimEnd(),
  );
}

/** The width of columns side by side, gaps included. */
function totalWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, widths.length - 1);
}

/** What is left for one more column within `width`. */
export function remainingWidth(widths: readonly number[], width: number): number {
  return width - totalWidth(widths) - GAP;
}

/** Takes from the widest column until all fit into `width`. */
export function narrowed(widths: readonly number[], width: number): number[] {
  const fitting = [...widths];
  while (totalWidth(fitting) > width && Math.max(...fitting) > 1) {
    fitting[fitting.indexOf(Math.max(...fitting))]! -= 1;
  }
  return fitting;
}

function pieces(word: string, width: number): string[] {
  return word.length <= width ? [word] : [word.slice(0, width), ...pieces(word.slice(width), width)];
}
