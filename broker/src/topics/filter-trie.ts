import { EdgeTable, NOWHERE } from "./edge-table.js";
import { NO_FILTER } from "./filter-subscribers.js";
import type { LevelScan } from "./level-scan.js";
import { FILTER, HASH_FILTER, NAMED_CHILDREN, NodeTable, PLUS_CHILD, STRIDE } from "./node-table.js";

/**
 * Roots. Filters without wildcards hang on one of their own, whole, so that a topic finds its own in one look-up. Filters with wildcards
 * that start with `$` have another, which no wildcard leaves or hangs on [MQTT-4.7.2-1].
 */
const EXACT_ROOT = 0;
const ROOT = 1;
const DOLLAR_ROOT = 2;
const ROOTS = 3;

/** Is no node, where 0 will not do, as it is one: no edge leads to a root, but a filter may end there, in `#`. */
const NO_NODE = -1;

const PLUS = 0x2b;
const HASH = 0x23;
const DOLLAR = 0x24;

/**
 * Topic filters, each with a number, and the question which of them match a topic.
 *
 * Nodes are numbers, their fields lie in one array: a million filters make no objects to trace or to chase. `+` and `#` are fields of their
 * parent, so the rules about them are structure. Filters are taken as valid; each comes with its `LevelScan`, just read.
 */
export class FilterTrie {
  /** From EXACT_ROOT, edges lead to numbers of filters, from the others to nodes. */
  readonly #edges = new EdgeTable();
  readonly #nodes = new NodeTable(ROOTS);
  #exactCount = 0;

  /** The nodes that match the levels so far, and those that match one level more. Kept, so that a match allocates nothing. */
  #frontier: number[] = [ROOT];
  #nextFrontier: number[] = [ROOT];
  /** The nodes of the filter walked last, root first. */
  readonly #path: number[] = [ROOT];
  /** Takes what `touch` has read: an engine leaves out a read that nobody uses. */
  readonly #touched = new Int32Array(1);

  /** Nodes below the roots, and filters without wildcards. */
  get nodeCount(): number {
    return this.#nodes.count + this.#exactCount;
  }

  get(filter: string, scan: LevelScan): number {
    if (!hasWildcard(filter)) return this.#edges.find(EXACT_ROOT, scan.whole, filter, 0, filter.length);

    const node = this.#walk(filter, scan);
    return node === NO_NODE ? NO_FILTER : this.#nodes.fields[node * STRIDE + fieldOf(filter)]!;
  }

  /** Adds a filter that is not there. */
  add(filter: string, scan: LevelScan, number: number): void {
    if (hasWildcard(filter)) {
      const node = this.#walkOrGrow(filter, scan);
      this.#nodes.fields[node * STRIDE + fieldOf(filter)] = number;
    } else {
      this.#edges.add(EXACT_ROOT, scan.whole, filter, 0, filter.length, number);
      this.#exactCount++;
    }
  }

  /** Removes a filter that is there, and the nodes that only it needed. */
  delete(filter: string, scan: LevelScan, number: number): void {
    if (hasWildcard(filter)) {
      const node = this.#walk(filter, scan);
      this.#nodes.fields[node * STRIDE + fieldOf(filter)] = NO_FILTER;
      this.#prune(filter, scan);
    } else {
      this.#edges.remove(EXACT_ROOT, scan.whole, number);
      this.#exactCount--;
    }
  }

  /**
   * Writes the numbers of all filters that match the topic to `out`, from `at` on; returns the end of what it wrote.
   *
   * Goes level by level with all nodes that match so far, so the depth of a topic costs no stack. Among a million filters the time goes
   * into cache misses, some 0.15 µs each. Hence all edges of a level are touched before one is followed: the processor then waits for all
   * of them at once, while the outcome of each look-up, which it cannot guess, would make it wait for one after the other.
   */
  collect(topic: string, scan: LevelScan, out: number[], at: number): number {
    const fields = this.#nodes.fields;
    const edges = this.#edges;
    const { ends, hashes, count: levels, whole } = scan;
    let frontier = this.#frontier;
    let next = this.#nextFrontier;
    frontier[0] = rootOf(topic);
    let count = 1;
    let filled = at;

    for (let i = 0, start = 0; i < levels && count > 0; i++) {
      const end = ends[i]!;
      const hash = hashes[i]!;
      let nextCount = 0;
      // The last level but one names the device, or whatever there is much of: its edges are likely misses, and so is the whole topic.
      let touched = i === levels - 2 ? edges.touch(EXACT_ROOT, whole) : 0;
      for (let j = 0; j < count; j++) touched += edges.touch(frontier[j]!, hash);
      this.#touched[0] = touched;
      for (let j = 0; j < count; j++) {
        const node = frontier[j]!;
        const field = node * STRIDE;
        const hashFilter = fields[field + HASH_FILTER]!;
        if (hashFilter !== NO_FILTER) out[filled++] = hashFilter;
        const plus = fields[field + PLUS_CHILD]!;
        if (plus !== NOWHERE) next[nextCount++] = plus;
        if (fields[field + NAMED_CHILDREN] === 0) continue;
        const child = edges.find(node, hash, topic, start, end);
        if (child !== NOWHERE) next[nextCount++] = child;
      }
      start = end + 1;
      count = nextCount;
      const matched = next;
      next = frontier;
      frontier = matched;
    }

    for (let j = 0; j < count; j++) {
      const field = frontier[j]! * STRIDE;
      const filter = fields[field + FILTER]!;
      const hashFilter = fields[field + HASH_FILTER]!;
      if (filter !== NO_FILTER) out[filled++] = filter;
      if (hashFilter !== NO_FILTER) out[filled++] = hashFilter; // sport/# matches sport
    }

    const exact = edges.find(EXACT_ROOT, whole, topic, 0, topic.length);
    if (exact !== NO_FILTER) out[filled++] = exact;
    return filled;
  }

  /** The node a filter ends at, a final `#` left off, or NO_NODE. */
  #walk(filter: string, scan: LevelScan): number {
    const depth = depthOf(filter, scan);
    let node = rootOf(filter);
    this.#path[0] = node;
    for (let i = 0; i < depth; i++) {
      const start = startOf(scan, i);
      const child = isPlus(filter, start)
        ? this.#nodes.fields[node * STRIDE + PLUS_CHILD]!
        : this.#edges.find(node, scan.hashes[i]!, filter, start, scan.ends[i]!);
      if (child === NOWHERE) return NO_NODE;
      node = child;
      this.#path[i + 1] = node;
    }
    return node;
  }

  #walkOrGrow(filter: string, scan: LevelScan): number {
    const depth = depthOf(filter, scan);
    let node = rootOf(filter);
    for (let i = 0; i < depth; i++) {
      const start = startOf(scan, i);
      node = isPlus(filter, start) ? this.#plusChildOrNew(node) : this.#childOrNew(node, filter, scan.hashes[i]!, start, scan.ends[i]!);
    }
    return node;
  }

  #plusChildOrNew(node: number): number {
    const existing = this.#nodes.fields[node * STRIDE + PLUS_CHILD]!;
    if (existing !== NOWHERE) return existing;

    const child = this.#nodes.add();
    this.#nodes.fields[node * STRIDE + PLUS_CHILD] = child;
    return child;
  }

  #childOrNew(node: number, filter: string, hash: number, start: number, end: number): number {
    const existing = this.#edges.find(node, hash, filter, start, end);
    if (existing !== NOWHERE) return existing;

    const child = this.#nodes.add();
    this.#edges.add(node, hash, filter, start, end, child);
    this.#nodes.fields[node * STRIDE + NAMED_CHILDREN]!++;
    return child;
  }

  /** Removes the node that the filter walked last ends at if nothing ends or begins there, then its parent, and so on up to the root. */
  #prune(filter: string, scan: LevelScan): void {
    for (let i = depthOf(filter, scan); i > 0; i--) {
      const node = this.#path[i]!;
      if (!this.#nodes.isBare(node)) return;

      const parent = this.#path[i - 1]!;
      const start = startOf(scan, i - 1);
      if (isPlus(filter, start)) this.#nodes.fields[parent * STRIDE + PLUS_CHILD] = NOWHERE;
      else {
        this.#edges.remove(parent, scan.hashes[i - 1]!, node);
        this.#nodes.fields[parent * STRIDE + NAMED_CHILDREN]!--;
      }
      this.#nodes.free(node);
    }
  }
}

function rootOf(text: string): number {
  return text.charCodeAt(0) === DOLLAR ? DOLLAR_ROOT : ROOT;
}

function startOf(scan: LevelScan, level: number): number {
  return level === 0 ? 0 : scan.ends[level - 1]! + 1;
}

/** Levels of a filter that are nodes of their own: all but a final `#`. */
function depthOf(filter: string, scan: LevelScan): number {
  return endsInHash(filter) ? scan.count - 1 : scan.count;
}

/** The field of its last node that a filter is written to. */
function fieldOf(filter: string): number {
  return endsInHash(filter) ? HASH_FILTER : FILTER;
}

function endsInHash(filter: string): boolean {
  return filter.charCodeAt(filter.length - 1) === HASH;
}

function isPlus(filter: string, start: number): boolean {
  return filter.charCodeAt(start) === PLUS;
}

function hasWildcard(filter: string): boolean {
  return filter.includes("+") || filter.includes("#");
}
