import { SharedGroup, type SharedGroupOptions } from "./shared-group.js";
import type { SharedFilter } from "./topic-filter.js";

/** The side of a subscription trie that groups hang on; a `SubscriptionTrie<Subscription | SharedGroup<M>>` fits. */
export interface GroupTrie<M> {
  subscribe(filter: string, key: string, group: SharedGroup<M>): unknown;
  unsubscribe(filter: string, key: string): unknown;
}

/**
 * All shared subscriptions: one group per share name and filter, present in the trie while it has members.
 *
 * The trie's visitor meets a group once a message, among the ordinary subscriptions, and asks it to `pick`.
 */
export class SharedSubscriptions<M> {
  readonly #trie: GroupTrie<M>;
  readonly #options: SharedGroupOptions<M>;
  readonly #groups = new Map<string, SharedGroup<M>>();
  /** How many groups each filter has, if it has any. */
  readonly #groupsOn = new Map<string, number>();

  constructor(trie: GroupTrie<M>, options: SharedGroupOptions<M>) {
    this.#trie = trie;
    this.#options = options;
  }

  /** Groups, not members. */
  get size(): number {
    return this.#groups.size;
  }

  /** The group of a shared filter: to pick again for a message that a member left behind. */
  group(shared: SharedFilter): SharedGroup<M> | undefined {
    return this.#groups.get(groupName(shared));
  }

  /** Groups that share a filter: so many of its subscriptions in the trie are no client's own. */
  groupsOn(filter: string): number {
    return this.#groupsOn.get(filter) ?? 0;
  }

  /** Adds a member to a group, or replaces the one of that key and returns it. */
  subscribe(shared: SharedFilter, key: string, member: M): M | undefined {
    const existing = this.group(shared);
    if (existing !== undefined) return existing.join(key, member);

    const group = new SharedGroup(this.#options, shared);
    group.join(key, member);
    this.#groups.set(groupName(shared), group);
    this.#groupsOn.set(shared.filter, this.groupsOn(shared.filter) + 1);
    this.#trie.subscribe(shared.filter, trieKey(shared), group);
    return undefined;
  }

  unsubscribe(shared: SharedFilter, key: string): M | undefined {
    const group = this.group(shared);
    const left = group?.leave(key);
    if (group?.size === 0) {
      this.#groups.delete(groupName(shared));
      const others = this.groupsOn(shared.filter) - 1;
      if (others > 0) this.#groupsOn.set(shared.filter, others);
      else this.#groupsOn.delete(shared.filter);
      this.#trie.unsubscribe(shared.filter, trieKey(shared));
    }
    return left;
  }
}

/** A share name contains no slash [MQTT-4.8.2-2], so this is unambiguous. */
function groupName({ shareName, filter }: SharedFilter): string {
  return `${shareName}/${filter}`;
}

/** No client identifier contains a null character [MQTT-1.5.4-2], so no client can take a group's place in the trie. */
function trieKey({ shareName }: SharedFilter): string {
  return `\0${shareName}`;
}
