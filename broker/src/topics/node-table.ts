const INITIAL_NODES = 64;

/** Numbers a node, side by side because a match reads them together. */
export const STRIDE = 4;
/** Where `+` leads. */
export const PLUS_CHILD = 0;
/** How many edges lead from there by name. */
export const NAMED_CHILDREN = 1;
/** The filter that ends at this node, and the one that ends one level deeper, in `#`. */
export const FILTER = 2;
export const HASH_FILTER = 3;

/** The nodes of a trie as numbers, with their fields in one array; 0 in a field is none. */
export class NodeTable {
  readonly #roots: number;
  #used: number;
  #count = 0;
  #firstFree = 0;
  /** The fields of a node begin at its number times STRIDE. Another array after `add` and `free`. */
  fields = new Int32Array(INITIAL_NODES * STRIDE);

  /** The first nodes are roots, which are always there. */
  constructor(roots: number) {
    this.#roots = roots;
    this.#used = roots;
  }

  /** Nodes besides the roots. */
  get count(): number {
    return this.#count;
  }

  add(): number {
    this.#count++;
    const node = this.#firstFree;
    if (node !== 0) {
      this.#firstFree = this.fields[node * STRIDE]!;
      this.fields[node * STRIDE] = 0;
      return node;
    }
    if ((this.#used + 1) * STRIDE > this.fields.length) this.#grow();
    return this.#used++;
  }

  /** Whether nothing ends or begins at a node. */
  isBare(node: number): boolean {
    const field = node * STRIDE;
    const { fields } = this;
    return (fields[field + PLUS_CHILD]! | fields[field + NAMED_CHILDREN]! | fields[field + FILTER]! | fields[field + HASH_FILTER]!) === 0;
  }

  /** Takes back a bare node. */
  free(node: number): void {
    this.fields[node * STRIDE] = this.#firstFree;
    this.#firstFree = node;
    if (--this.#count === 0) this.#releaseCapacity();
  }

  #grow(): void {
    const old = this.fields;
    this.fields = new Int32Array(old.length * 2);
    this.fields.set(old);
  }

  /** Gives back what a trie that is empty again had grown to. The roots keep a `#` that ends there. */
  #releaseCapacity(): void {
    this.fields = this.fields.slice(0, INITIAL_NODES * STRIDE).fill(0, this.#roots * STRIDE);
    this.#used = this.#roots;
    this.#firstFree = 0;
  }
}
