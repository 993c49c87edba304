import { type Html, html, NO_HTML } from "./html-template";

/** A table that a narrow page lays out as cards. */
export interface CardTable {
  readonly caption: string;
  readonly titles: readonly string[];
  /** What `cardRow` gives. */
  readonly rows: readonly Html[];
  /**
   * What style sheets know it by.
   *
   * @default - only that it becomes cards
   */
  readonly name?: string;
}

// The roles repeat what the elements mean: browsers forget it where a style sheet lays a table out as cards.

/** A table with its caption and column headers. */
export function cardTable({ caption, titles, rows, name }: CardTable): Html {
  return html`<table class="${name ? `cards ${name}` : "cards"}" role="table">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${titles.map((title) => html`<th scope="col" role="columnheader">${title}</th>`)}</tr></thead>
<tbody role="rowgroup">
${rows}</tbody>
</table>`;
}

/** One row: its header, then its cells. `attributes` go on the row itself. */
export function cardRow(header: Html, cells: readonly Html[], attributes: Html = NO_HTML): Html {
  return html`<tr role="row"${attributes}>
<th scope="row" role="rowheader">${header}</th>
${cells}</tr>
`;
}

/** A cell below column `title`. */
export function cell(title: string, content: Html): Html {
  return html`<td role="cell" data-title="${title}"><div>${content}</div></td>`;
}

/** A cell without content worth the room on a card. */
export function emptyCell(title: string, placeholder: string): Html {
  return html`<td role="cell" data-title="${title}" class="empty">${placeholder}</td>`;
}
