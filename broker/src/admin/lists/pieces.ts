/** Long enough to be worth a system call, short enough to be copied in no time. */
const PIECE_CHARACTERS = 16_384;

const COMMA = Buffer.from(",");

/** Entries of a list in JSON, in bytes, with commas between: of several pieces, commas come between them too. */
export type Pieces = readonly Uint8Array[];

/** Writes entries as pieces, so that no long text is ever made, nor encoded at once. */
export class PieceWriter {
  readonly pieces: Uint8Array[] = [];
  count = 0;
  /** Written so far. */
  characters = 0;
  #text = "";

  add(entry: object): void {
    const text = JSON.stringify(entry);
    this.#text = this.#text === "" ? text : `${this.#text},${text}`;
    this.characters += text.length;
    this.count++;
    if (this.#text.length >= PIECE_CHARACTERS) this.end();
  }

  /** Nothing is added after that to the piece that was begun. */
  end(): void {
    if (this.#text === "") return;
    this.pieces.push(Buffer.from(this.#text));
    this.#text = "";
  }
}

/** What pieces are sent as. */
export function withCommas(pieces: Pieces): Uint8Array[] {
  return pieces.flatMap((piece, index) => (index === 0 ? [piece] : [COMMA, piece]));
}
