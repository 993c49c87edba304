import { Html } from "./html-template";

/**
 * The page's style sheet. Colours are pairs for light and dark paper with a contrast of at least 4.5 to 1; below 78 rem each row of
 * a table becomes a card whose cells carry their column's title.
 */
export const STYLE = new Html(`
:root {
  color-scheme: light dark;
  --paper: #f6f7f9; --sheet: #fff; --ink: #1b2430; --soft: #56616f; --line: #dfe3e8; --fill: #f0f2f5;
  --set: #1a7f4b; --image: #2463b8; --adjusted: #8f5b00; --missing: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #101418; --sheet: #181d23; --ink: #e3e8ee; --soft: #9aa6b4; --line: #2c343d; --fill: #20272f;
    --set: #52c98a; --image: #77b1ff; --adjusted: #efb54a; --missing: #ff8f86;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; overflow-wrap: break-word; }
header, main, footer { max-width: 84rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 2.25rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 0 0 .75rem; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 0 0 .5rem; }
p { margin: .35rem 0; }
a { color: var(--image); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--image); outline-offset: 2px; border-radius: 3px; }
code { font: .92em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.soft, caption { color: var(--soft); }
.sheet { background: var(--sheet); border: 1px solid var(--line); border-radius: 10px; padding: 1.25rem 1.5rem; margin: 1.25rem 0; }
.warnings { border-left: 4px solid var(--adjusted); }
.warnings ul + h3 { margin-top: 1rem; }
.warnings ul { margin: 0; padding-left: 1.1rem; }
.warnings li { margin: .3rem 0; }
.bar { display: flex; gap: 2px; height: 8px; margin: .5rem 0 1.25rem; border-radius: 4px; overflow: hidden; }
.bar span { background: var(--tone); }
.set { --tone: var(--set); } .image { --tone: var(--image); } .adjusted { --tone: var(--adjusted); } .missing { --tone: var(--missing); }
.tone { color: var(--tone); font-weight: 600; white-space: nowrap; }
dl { margin: 0 0 1.25rem; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: .75rem 1.5rem; }
dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; min-width: 0; }
dd code { display: block; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; padding-bottom: .5rem; font-size: .85rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .6rem; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-size: .85rem; font-weight: 600; background: var(--fill); white-space: nowrap; }
tbody tr:last-child > * { border-bottom: 0; }
tbody th { font-weight: 400; }
tbody tr:target { background: var(--fill); }
.keys tbody th { border-left: 3px solid var(--tone); }
.keys td { font-variant-numeric: tabular-nums; }
.keys .adjusted > *, .keys .missing > * { background: color-mix(in srgb, var(--tone) 8%, transparent); }
.key { font-weight: 600; }
.value { white-space: nowrap; }
.empty { color: var(--soft); }
.required { color: var(--soft); font-size: .75rem; border: 1px solid var(--line); border-radius: 99px; padding: 0 .5em; margin-left: .35em; white-space: nowrap; }
.note { margin: 0; }
.note + .note { margin-top: .35rem; }
details { font-size: .85rem; color: var(--soft); }
summary { cursor: pointer; width: fit-content; }
.corrected { margin-top: 1.75rem; }
.here { font-weight: 600; white-space: nowrap; }
footer { padding-bottom: 3rem; }
footer dl { grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; }
footer dt { color: var(--ink); font-weight: 600; font-size: inherit; }
@media (min-width: 78.01rem) {
  .keys tbody th { min-width: 16rem; }
  .keys td:last-child { min-width: 15rem; }
  .corrected tbody th { min-width: 20rem; }
}
@media (max-width: 78rem) {
  .cards, .cards tr, .cards th, .cards td, .cards caption { display: block; }
  .cards tbody { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); gap: .75rem; }
  .cards thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .cards tbody tr { border: 1px solid var(--line); border-left: 3px solid var(--tone, var(--line)); border-radius: 8px; padding: .5rem 0; }
  .cards tbody th, .cards tbody td { border: 0; padding: .2rem .75rem; min-width: 0; }
  .keys .adjusted > *, .keys .missing > * { background: none; }
  .keys .adjusted, .keys .missing { background: color-mix(in srgb, var(--tone) 8%, transparent); }
  .cards td { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); gap: .5rem; }
  .cards td > div { overflow-wrap: anywhere; }
  .cards td::before { content: attr(data-title); color: var(--soft); font-size: .85rem; }
  .cards td.empty { display: none; }
}
@media (max-width: 40rem) {
  header, main, footer { padding-left: 1rem; padding-right: 1rem; }
  .sheet { padding: 1rem; }
  .cards .value { white-space: normal; }
  dl { gap: .4rem; }
  dl > div { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); gap: .5rem; }
}
@media print {
  body, .sheet { background: none; }
  .sheet { border: 0; padding: 0; }
  tr, .warnings { break-inside: avoid; }
  details::details-content { content-visibility: visible; display: block; }
}
`);
