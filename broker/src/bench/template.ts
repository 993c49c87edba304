/** What variables stand for. */
export interface TemplateValues {
  /** `%i` */
  readonly number: number;
  /** `%c`; empty while the client identifier itself is made. */
  readonly clientId: string;
  /** `%u` */
  readonly userName: string;
  /** `%s` */
  readonly sequence: number;
}

type Part = string | ((values: TemplateValues) => string | number);

const VARIABLE = /%(?:rand_(\d+)|[ucis])/g;

/** A text with emqtt-bench's variables: %u user name, %c client identifier, %i client number, %s message number, %rand_N 1 to N. */
export class Template {
  /** Whether it may be another text for each message of a client. */
  readonly isPerMessage: boolean;
  readonly #parts: readonly Part[];

  constructor(text: string, random: () => number = Math.random) {
    const parts: Part[] = [];
    let from = 0;
    for (const match of text.matchAll(VARIABLE)) {
      parts.push(text.slice(from, match.index), partOf(match[0], match[1], random));
      from = match.index + match[0].length;
    }
    parts.push(text.slice(from));
    this.#parts = parts;
    this.isPerMessage = /%s|%rand_\d/.test(text);
  }

  render(values: TemplateValues): string {
    let text = "";
    for (const part of this.#parts) text += typeof part === "string" ? part : part(values);
    return text;
  }
}

function partOf(variable: string, bound: string | undefined, random: () => number): Part {
  if (bound !== undefined) return () => 1 + Math.floor(random() * Number(bound));
  if (variable === "%i") return ({ number }) => number;
  if (variable === "%s") return ({ sequence }) => sequence;
  return variable === "%u" ? ({ userName }) => userName : ({ clientId }) => clientId;
}
