/** Markup that is safe to put into a page as it stands. */
export class Html {
  constructor(readonly markup: string) {}
}

/** What a template takes: text is escaped, markup is not, a list is joined. */
export type HtmlValue = string | number | Html | readonly HtmlValue[];

/** Nothing, where a template expects something. */
export const NO_HTML = new Html("");

/** A piece of a page. Every interpolated text is escaped, so that forgetting it is not possible. */
export function html(markup: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return new Html(markup.reduce((page, piece, place) => `${page}${markupOf(values[place - 1]!)}${piece}`));
}

/** A name that may go on in the next line after its punctuation. */
export function breakable(name: string): Html {
  return html`${name.split(/(?<=[._/=:])/).map((part, place) => (place === 0 ? part : html`<wbr>${part}`))}`;
}

function markupOf(value: HtmlValue): string {
  if (value instanceof Html) return value.markup;
  if (typeof value === "object") return value.map(markupOf).join("");
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
