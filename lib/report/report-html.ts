import { correctionTable, keyName, keyTable } from "./html-key-table";
import { STYLE } from "./html-style";
import { cardRow, cardTable, cell } from "./html-table";
import { breakable, type Html, html, NO_HTML } from "./html-template";
import { type PoolFact, poolFacts } from "./pool-facts";
import { LEGEND, type ReportRow, reportRows, STATUSES, statusCounts, summary } from "./report-rows";
import type { ReportedPool, StackReport } from "./stack-report";

/** A pool with its rows and the prefix of its anchors. */
interface PoolSection {
  readonly pool: ReportedPool;
  readonly rows: readonly ReportRow[];
  readonly id: string;
}

/** The report as one page that needs nothing else: no network, no script, light or dark as the reader has it. */
export function reportHtml(report: StackReport): string {
  const sections = report.pools.map((pool, index) => ({ pool, rows: reportRows(pool.tuning, pool.releases), id: `pool-${index + 1}` }));
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Node tuning of ${report.stack}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Node tuning of stack <code>${report.stack}</code></h1>
<p class="soft">What the nodes, the kubelet and the pods set for a great many MQTT connections, as synthesised beside this page.</p>
</header>
<main>
${sections.length > 1 ? overview(sections) : NO_HTML}
${warnings(sections)}
${sections.map(poolSection)}
</main>
<footer>
<h2>How to read the tables</h2>
<dl>
${LEGEND.map(([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>\n`)}</dl>
</footer>
</body>
</html>
`;
  return page.markup;
}

function overview(sections: readonly PoolSection[]): Html {
  const rows = sections.map(({ pool, rows, id }) =>
    cardRow(html`<a href="#${id}">${pool.path}</a>`, [
      cell("platform", html`${pool.tuning.platform}`),
      cell("result", html`${summary(rows)}`),
      cell("warnings", html`${pool.tuning.warnings.length || "none"}`),
    ]),
  );
  return html`<nav class="sheet" aria-label="Pools">
${cardTable({ caption: `${sections.length} pools`, titles: ["pool", "platform", "result", "warnings"], rows })}
</nav>`;
}

function warnings(sections: readonly PoolSection[]): Html {
  const count = sections.reduce((sum, { pool }) => sum + pool.tuning.warnings.length, 0);
  if (count === 0) return NO_HTML;
  return html`<section class="sheet warnings" aria-labelledby="warnings">
<h2 id="warnings">⚠ ${count === 1 ? "1 warning" : `${count} warnings`}</h2>
${sections.map((section) => poolWarnings(section, sections.length > 1 ? html`<h3>${section.pool.path}</h3>\n` : NO_HTML))}</section>`;
}

function poolWarnings({ pool, rows, id }: PoolSection, heading: Html): Html {
  if (pool.tuning.warnings.length === 0) return NO_HTML;
  return html`${heading}<ul>
${pool.tuning.warnings.map((warning) => html`<li>${linked(warning, rows, id)}</li>\n`)}</ul>
`;
}

/** A warning about a key leads to its row. */
function linked(warning: string, rows: readonly ReportRow[], id: string): Html {
  const row = rows.find(({ key }) => warning.startsWith(`${key}: `));
  return row ? html`<a href="#${id}-${row.key}">${keyName(row.key)}</a>${warning.slice(row.key.length)}` : html`${warning}`;
}

function poolSection({ pool, rows, id }: PoolSection): Html {
  return html`<section class="sheet" id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${pool.path}</h2>
<p>${statusCounts(rows).map(({ status, count }, index) => html`${index > 0 ? ", " : ""}<span class="tone ${status}">${count} ${STATUSES[status].words}</span>`)}</p>
<div class="bar" aria-hidden="true">${statusCounts(rows).map(({ status, count }) => html`<span class="${status}" style="flex: ${count}"></span>`)}</div>
<dl>
${poolFacts(pool).map(fact)}</dl>
<div class="scroll" role="region" aria-labelledby="${id}-title" tabindex="0">
${keyTable(rows, `Each key of profile ‘${pool.tuning.profileName}’, and where it is set`, ({ key }) => `${id}-${key}`)}
</div>
${correctionTable(rows)}
</section>
`;
}

function fact({ term, values, literal }: PoolFact): Html {
  return html`<div><dt>${term}</dt><dd>${values.map((value) => (literal ? html`<code>${breakable(value)}</code>` : value))}</dd></div>\n`;
}
