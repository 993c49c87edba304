const PLUS = "+";
const HASH = "#";
const DOLLAR = 0x24;

/** Levels that `walk` looks at between two pauses. */
const EACH_PAUSE = 64;

/**
 * Topic names, each with a value, in a tree by level: what finds all topics that a filter with wildcards matches without looking at the
 * others. The opposite of a subscription trie, which keeps filters and is asked with a topic.
 *
 * Names and filters are taken as valid. Loops instead of recursion throughout, for a topic may have 65,535 levels.
 */
export class TopicTree<V extends NonNullable<unknown>> {
  readonly #root = new TopicNode<V>("", undefined);
  #size = 0;
  #nodeCount = 0;

  /** Topics with a value. */
  get size(): number {
    return this.#size;
  }

  /** Levels held; 0 when all topics have gone. */
  get nodeCount(): number {
    return this.#nodeCount;
  }

  get(topic: string): V | undefined {
    return this.#find(topic)?.value;
  }

  /** Gives a topic a value; returns the one it had. */
  set(topic: string, value: V): V | undefined {
    const node = this.#findOrGrow(topic);
    const previous = node.value;
    if (previous === undefined) this.#size++;
    node.value = value;
    return previous;
  }

  /** Removes a topic, and the levels that only it needed; returns its value. */
  delete(topic: string): V | undefined {
    const node = this.#find(topic);
    const previous = node?.value;
    if (node === undefined || previous === undefined) return undefined;

    node.value = undefined;
    this.#size--;
    this.#prune(node);
    return previous;
  }

  /**
   * The value of each topic that the filter matches, one by one, and undefined after every few levels, whether anything matches or not: where
   * a long walk may pause.
   *
   * The tree may change in between. What is still to come waits on a stack of levels with the place in each: a topic that is deleted has no
   * value any more when its turn comes, and a node that has been pruned had nothing below it to miss.
   */
  *walk(filter: string): Generator<V | undefined, void> {
    const levels = filter.split("/");
    const wide: { readonly children: Iterator<TopicNode<V>>; readonly depth: number; readonly isTop: boolean }[] = [];
    let node: TopicNode<V> | undefined = this.#root;
    let depth = 0;
    let looked = 0;
    for (;;) {
      if (++looked % EACH_PAUSE === 0) yield undefined;
      while (node !== undefined) {
        const level: string | undefined = levels[depth];
        // sport/# matches sport too (4.7.1.2)
        if ((level === undefined || level === HASH) && node.value !== undefined) yield node.value;
        if (level === undefined) break;
        if (level === HASH || level === PLUS) {
          wide.push({
            children: node.children()[Symbol.iterator](),
            depth: level === HASH ? depth : depth + 1,
            isTop: node === this.#root,
          });
          break;
        }
        node = node.child(level);
        depth++;
      }

      const last = wide[wide.length - 1];
      if (last === undefined) return;
      const next = last.children.next();
      node = undefined;
      if (next.done === true) wide.pop();
      else if (!last.isTop || next.value.level.charCodeAt(0) !== DOLLAR) {
        node = next.value; // [MQTT-4.7.2-1]
        depth = last.depth;
      }
    }
  }

  /** All values. The tree may be changed meanwhile, as in `match`. */
  *values(): Iterable<V> {
    const nodes: TopicNode<V>[] = [this.#root];
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      for (const child of node.children()) nodes.push(child);
      if (node.value !== undefined) yield node.value;
    }
  }

  #find(topic: string): TopicNode<V> | undefined {
    let node: TopicNode<V> | undefined = this.#root;
    for (let start = 0; node !== undefined && start <= topic.length; ) {
      const end = levelEnd(topic, start);
      node = node.child(topic.slice(start, end));
      start = end + 1;
    }
    return node;
  }

  #findOrGrow(topic: string): TopicNode<V> {
    let node = this.#root;
    for (let start = 0; start <= topic.length; ) {
      const end = levelEnd(topic, start);
      const level = topic.slice(start, end);
      node = node.child(level) ?? this.#addChild(node, level);
      start = end + 1;
    }
    return node;
  }

  #addChild(parent: TopicNode<V>, level: string): TopicNode<V> {
    this.#nodeCount++;
    return parent.addChild(level);
  }

  #prune(from: TopicNode<V>): void {
    let node = from;
    while (node.isUnused && node.parent !== undefined) {
      node.parent.removeChild(node.level);
      node = node.parent;
      this.#nodeCount--;
    }
  }
}

/** One level of one or more topics. A Map takes some 200 bytes, so a node has one only from its second child on. */
class TopicNode<V> {
  readonly level: string;
  readonly parent: TopicNode<V> | undefined;
  value: V | undefined = undefined;
  #children: TopicNode<V> | Map<string, TopicNode<V>> | undefined = undefined;

  constructor(level: string, parent: TopicNode<V> | undefined) {
    this.level = level;
    this.parent = parent;
  }

  get isUnused(): boolean {
    return this.value === undefined && this.#children === undefined;
  }

  child(level: string): TopicNode<V> | undefined {
    const children = this.#children;
    if (children instanceof Map) return children.get(level);
    return children?.level === level ? children : undefined;
  }

  children(): Iterable<TopicNode<V>> {
    const children = this.#children;
    if (children === undefined) return [];
    return children instanceof Map ? children.values() : [children];
  }

  /** Adds a child that is not there. */
  addChild(level: string): TopicNode<V> {
    const child = new TopicNode<V>(ownCopy(level), this);
    const children = this.#children;
    if (children === undefined) this.#children = child;
    else if (children instanceof Map) children.set(child.level, child);
    else {
      this.#children = new Map([
        [children.level, children],
        [child.level, child],
      ]);
    }
    return child;
  }

  /** Removes a child that is there. */
  removeChild(level: string): void {
    const children = this.#children;
    if (!(children instanceof Map)) {
      this.#children = undefined;
      return;
    }
    children.delete(level);
    if (children.size === 1) [this.#children] = children.values();
  }
}

function levelEnd(topic: string, start: number): number {
  const slash = topic.indexOf("/", start);
  return slash < 0 ? topic.length : slash;
}

/** A slice keeps the whole text it was cut from alive: without a copy, a level of a few bytes could hold 64 KiB of a topic long deleted. */
function ownCopy(level: string): string {
  return Buffer.from(level).toString();
}
