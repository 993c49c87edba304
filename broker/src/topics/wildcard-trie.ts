import { EdgeTable, NO_NODE } from "./edge-table.js";
import { levelEnd, NO_TEXT, TextTable } from "./text-table.js";

/** Filters that start with `$` have a root of their own, which no wildcard leaves or hangs on [MQTT-4.7.2-1]. */
const ROOT = 0;
const DOLLAR_ROOT = 1;
const ROOTS = 2;

const INITIAL_NODES = 64;

/** Numbers a node, side by side because a match reads them together. */
const STRIDE = 4;
const PLUS_CHILD = 0;
const NAMED_CHILDREN = 1;
const VALUES = 2;
const PARENT = 3;

/** Bits in VALUES: a filter ends at this node; a filter ends one level deeper, in `#`. */
const ENDS_HERE = 1;
const ENDS_IN_HASH = 2;

const PLUS = 0x2b;
const HASH = 0x23;
const DOLLAR = 0x24;

/**
 * Topic filters with wildcards, each with a value, and the question which of them match a topic.
 *
 * Nodes are numbers, their fields lie in arrays: a million filters make no objects to trace or to chase. `+` and `#` are fields of their
 * parent, so the rules about them are structure. Filters are taken as valid.
 */
export class WildcardTrie<V> {
  readonly #levels: TextTable;
  #edges = new EdgeTable();
  #nodes = new Int32Array(INITIAL_NODES * STRIDE);
  #values: (V | undefined)[] = [undefined, undefined];
  #hashValues: (V | undefined)[] = [undefined, undefined];
  /** The level each node hangs on, NO_TEXT for +; read only when it is removed. */
  #levelOf: number[] = [NO_TEXT, NO_TEXT];
  #usedNodes = ROOTS;
  #nodeCount = 0;
  #firstFree = NO_NODE;

  /** The nodes that match the levels so far, and those that match one level more. Kept, so that a match allocates nothing. */
  #frontier: number[] = [ROOT];
  #nextFrontier: number[] = [ROOT];

  constructor(hashSeed: number) {
    this.#levels = new TextTable(hashSeed);
  }

  /** Nodes below the two roots. */
  get nodeCount(): number {
    return this.#nodeCount;
  }

  /** Different levels in all filters, wildcards apart. */
  get levelCount(): number {
    return this.#levels.size;
  }

  get(filter: string): V | undefined {
    const node = this.#walk(filter);
    if (node < 0) return undefined;
    return endsInHash(filter) ? this.#hashValues[node] : this.#values[node];
  }

  set(filter: string, value: V): void {
    const node = this.#walkOrGrow(filter);
    if (endsInHash(filter)) {
      this.#hashValues[node] = value;
      this.#nodes[node * STRIDE + VALUES]! |= ENDS_IN_HASH;
    } else {
      this.#values[node] = value;
      this.#nodes[node * STRIDE + VALUES]! |= ENDS_HERE;
    }
  }

  /** Removes a filter and the nodes that only it needed. */
  delete(filter: string): void {
    const node = this.#walk(filter);
    if (node < 0) return;

    if (endsInHash(filter)) {
      this.#hashValues[node] = undefined;
      this.#nodes[node * STRIDE + VALUES]! &= ~ENDS_IN_HASH;
    } else {
      this.#values[node] = undefined;
      this.#nodes[node * STRIDE + VALUES]! &= ~ENDS_HERE;
    }
    this.#prune(node);
  }

  /**
   * Writes the values of all filters that match the topic to `out`, from `at` on; returns the end of what it wrote.
   *
   * Goes level by level with all nodes that match so far, so each level is looked up once and the depth of a topic costs no stack.
   */
  collect(topic: string, out: V[], at: number): number {
    const nodes = this.#nodes;
    const edges = this.#edges;
    let frontier = this.#frontier;
    let next = this.#nextFrontier;
    frontier[0] = rootOf(topic);
    let count = 1;
    let filled = at;

    for (let start = 0; ; ) {
      const end = levelEnd(topic, start);
      const level = this.#levels.find(topic, start, end);
      let nextCount = 0;
      for (let i = 0; i < count; i++) {
        const node = frontier[i]!;
        const fields = node * STRIDE;
        if ((nodes[fields + VALUES]! & ENDS_IN_HASH) !== 0) out[filled++] = this.#hashValues[node]!;
        const plus = nodes[fields + PLUS_CHILD]!;
        if (plus !== NO_NODE) next[nextCount++] = plus;
        if (level === NO_TEXT || nodes[fields + NAMED_CHILDREN] === 0) continue;
        const child = edges.get(node, level);
        if (child !== NO_NODE) next[nextCount++] = child;
      }
      count = nextCount;
      const matched = next;
      next = frontier;
      frontier = matched;
      if (end === topic.length || count === 0) break;
      start = end + 1;
    }

    for (let i = 0; i < count; i++) {
      const node = frontier[i]!;
      const values = nodes[node * STRIDE + VALUES]!;
      if ((values & ENDS_HERE) !== 0) out[filled++] = this.#values[node]!;
      if ((values & ENDS_IN_HASH) !== 0) out[filled++] = this.#hashValues[node]!; // sport/# matches sport
    }
    return filled;
  }

  /** The node a filter ends at, a final `#` left off, or -1. */
  #walk(filter: string): number {
    let node = rootOf(filter);
    for (let start = 0; start <= filter.length; ) {
      if (isHash(filter, start)) break;
      const end = levelEnd(filter, start);
      node = isPlus(filter, start)
        ? this.#nodes[node * STRIDE + PLUS_CHILD]!
        : this.#edges.get(node, this.#levels.find(filter, start, end));
      if (node === NO_NODE) return -1;
      start = end + 1;
    }
    return node;
  }

  #walkOrGrow(filter: string): number {
    let node = rootOf(filter);
    for (let start = 0; start <= filter.length; ) {
      if (isHash(filter, start)) break;
      const end = levelEnd(filter, start);
      node = isPlus(filter, start) ? this.#plusChildOrNew(node) : this.#childOrNew(node, filter, start, end);
      start = end + 1;
    }
    return node;
  }

  #plusChildOrNew(node: number): number {
    const existing = this.#nodes[node * STRIDE + PLUS_CHILD]!;
    if (existing !== NO_NODE) return existing;

    const child = this.#newNode(node, NO_TEXT);
    this.#nodes[node * STRIDE + PLUS_CHILD] = child;
    return child;
  }

  #childOrNew(node: number, filter: string, start: number, end: number): number {
    const existing = this.#edges.get(node, this.#levels.find(filter, start, end));
    if (existing !== NO_NODE) return existing;

    const level = this.#levels.hold(filter, start, end);
    const child = this.#newNode(node, level);
    this.#edges.add(node, level, child);
    return child;
  }

  #newNode(parent: number, level: number): number {
    let node = this.#firstFree;
    if (node !== NO_NODE) this.#firstFree = this.#nodes[node * STRIDE + PARENT]!;
    else {
      node = this.#usedNodes++;
      if (this.#usedNodes * STRIDE > this.#nodes.length) this.#growNodes();
    }
    this.#values[node] = undefined;
    this.#hashValues[node] = undefined;
    this.#nodes[node * STRIDE + PARENT] = parent;
    this.#levelOf[node] = level;
    if (level !== NO_TEXT) this.#nodes[parent * STRIDE + NAMED_CHILDREN]!++;
    this.#nodeCount++;
    return node;
  }

  #growNodes(): void {
    const old = this.#nodes;
    this.#nodes = new Int32Array(old.length * 2);
    this.#nodes.set(old);
  }

  /** Removes the node if nothing ends or begins there, then its parent, and so on up to the root. */
  #prune(from: number): void {
    for (let node = from; node >= ROOTS; ) {
      const fields = node * STRIDE;
      const { [fields + VALUES]: values, [fields + NAMED_CHILDREN]: named, [fields + PLUS_CHILD]: plus } = this.#nodes;
      if (values !== 0 || named !== 0 || plus !== NO_NODE) return;

      const parent = this.#nodes[fields + PARENT]!;
      const level = this.#levelOf[node]!;
      if (level === NO_TEXT) this.#nodes[parent * STRIDE + PLUS_CHILD] = NO_NODE;
      else {
        this.#edges.remove(parent, level);
        this.#nodes[parent * STRIDE + NAMED_CHILDREN]!--;
        this.#levels.release(level);
      }
      this.#free(node);
      node = parent;
    }
    if (this.#nodeCount === 0) this.#releaseCapacity();
  }

  #free(node: number): void {
    this.#nodes[node * STRIDE + PARENT] = this.#firstFree;
    this.#firstFree = node;
    this.#nodeCount--;
  }

  /** Gives back what a trie that is empty again had grown to. The roots keep a `#` that ends there. */
  #releaseCapacity(): void {
    this.#edges = new EdgeTable();
    this.#nodes = this.#nodes.slice(0, INITIAL_NODES * STRIDE);
    this.#levelOf.length = ROOTS;
    this.#values.length = ROOTS;
    this.#hashValues.length = ROOTS;
    this.#usedNodes = ROOTS;
    this.#firstFree = NO_NODE;
  }
}

function rootOf(text: string): number {
  return text.charCodeAt(0) === DOLLAR ? DOLLAR_ROOT : ROOT;
}

function isPlus(filter: string, start: number): boolean {
  return filter.charCodeAt(start) === PLUS;
}

function isHash(filter: string, start: number): boolean {
  return filter.charCodeAt(start) === HASH;
}

function endsInHash(filter: string): boolean {
  return filter.charCodeAt(filter.length - 1) === HASH;
}
