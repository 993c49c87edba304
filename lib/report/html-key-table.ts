import { cardRow, cardTable, cell, emptyCell } from "./html-table";
import { breakable, type Html, html, NO_HTML } from "./html-template";
import { COLUMNS, NOTHING, type ReportRow, STATUSES } from "./report-rows";

/** The table of one pool's keys. */
export function keyTable(rows: readonly ReportRow[], caption: string, idOf: (row: ReportRow) => string): Html {
  return cardTable({ caption, titles: COLUMNS, rows: rows.map((row) => keyRow(row, idOf(row))), name: "keys" });
}

/** The table of what circulates and is wrong; nothing where the profile corrects nothing. */
export function correctionTable(rows: readonly ReportRow[]): Html {
  const corrected = rows.flatMap(({ key, wanted, original }) => {
    if (!original) return [];
    const here = html`<span class="here">${wanted}</span>`;
    return cardRow(keyName(key), [
      cell("circulating", html`${original.value}`),
      cell("here", here),
      cell("because", html`${original.reason}`),
    ]);
  });
  if (corrected.length === 0) return NO_HTML;
  const caption = "Values that circulate for a million connections, and why this profile has others";
  return html`<div class="corrected">
<h3>Folklore corrected</h3>
${cardTable({ caption, titles: ["key", "circulating", "here", "because"], rows: corrected })}
</div>`;
}

/** A key as the tables and the warnings show it. */
export function keyName(key: string): Html {
  return html`<code class="key">${breakable(key)}</code>`;
}

function keyRow(row: ReportRow, id: string): Html {
  const { sign, words } = STATUSES[row.status];
  const header = html`${keyName(row.key)}${row.required ? html` <span class="required">required</span>` : NO_HTML}
<details><summary><span class="tone">${sign} ${words}</span> – why it matters</summary>${row.why}<br>Source: ${row.source}</details>`;
  const cells = [
    valueCell("wanted", row.wanted),
    valueCell("node", row.node),
    valueCell("kubelet", row.kubelet),
    valueCell("pod", row.pod),
    row.notes.length > 0 ? cell("note", html`${row.notes.map((note) => html`<p class="note">${note}</p>`)}`) : emptyCell("note", ""),
  ];
  return cardRow(header, cells, html` id="${id}" class="${row.status}"`);
}

/** Only what is in brackets may go to another line. */
function valueCell(title: string, text: string): Html {
  if (text === NOTHING) return emptyCell(title, text);
  const [value = "", ...remark] = text.split(/(?= \()/);
  return cell(title, html`<span class="value">${value}</span>${remark}`);
}
