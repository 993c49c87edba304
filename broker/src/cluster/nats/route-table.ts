import { SubscriptionTrie } from "../../topics/subscription-trie.js";
import { RemoteGroup } from "./remote-group.js";
import { routeText, sharedOf } from "./route-records.js";

/** Who of the peers is to get the messages to one topic. Groups change in place. */
export class Interest<P> {
  readonly peers: P[] = [];
  readonly groups: RemoteGroup<P>[] = [];

  get isEmpty(): boolean {
    return this.peers.length === 0 && this.groups.length === 0;
  }
}

/** Topics whose interest is remembered. Beyond that all are forgotten and looked up again. */
const MAX_REMEMBERED = 65_536;
/** Longer topics are looked up each time. */
const MAX_REMEMBERED_LENGTH = 256;

/**
 * The routes of all peers: what each has subscribers for.
 *
 * A million routes of 29 characters, a tenth of them with wildcards, added 304 MB to the process on Node 24 and 314 MB on Bun 1.4.5, with
 * the set of each peer's that `forget` goes by.
 */
export class RouteTable<P extends object> {
  readonly #trie: SubscriptionTrie<P | RemoteGroup<P>, P | RemoteGroup<P>>;
  readonly #routes = new Map<P, Set<string>>();
  readonly #groups = new Map<string, RemoteGroup<P>>();
  readonly #gone = new Set<P>();

  readonly #remembered = new Map<string, Interest<P>>();
  #rememberedGeneration = 0;
  readonly #nobody = new Interest<P>();

  constructor({ hashSeed }: { readonly hashSeed: number }) {
    this.#trie = new SubscriptionTrie({ hashSeed });
  }

  /** Routes over all peers, those still to be swept included. */
  get size(): number {
    let size = 0;
    for (const routes of this.#routes.values()) size += routes.size;
    return size;
  }

  countOf(peer: P): number {
    return this.#routes.get(peer)?.size ?? 0;
  }

  /** Adds a route; does nothing if the peer has it. */
  add(peer: P, route: string): void {
    let routes = this.#routes.get(peer);
    if (routes === undefined) {
      routes = new Set();
      this.#routes.set(peer, routes);
    }
    if (routes.has(route)) return;
    routes.add(route);
    const shared = sharedOf(route);
    if (shared === undefined) {
      this.#trie.subscribe(route, peer, peer);
      return;
    }
    let group = this.#groups.get(route);
    if (group === undefined) {
      group = new RemoteGroup(shared);
      this.#groups.set(route, group);
      this.#trie.subscribe(shared.filter, group, group);
    }
    if (group.peers.length === 0) this.#remembered.clear(); // nobody was left in it
    group.join(peer);
  }

  /** Takes a route out; does nothing if the peer has it not. */
  remove(peer: P, route: string): void {
    if (this.#routes.get(peer)?.delete(route)) this.#unroute(peer, route);
  }

  /** The peer gets nothing any more. Its routes are taken out by `sweep`. */
  forget(peer: P): void {
    if (!this.#routes.has(peer)) return;
    this.#gone.add(peer);
    this.#remembered.clear();
    for (const group of this.#groups.values()) group.leave(peer);
  }

  /** Takes out up to `limit` routes of peers that were forgotten; whether there are more. */
  sweep(limit: number): boolean {
    let left = limit;
    for (const peer of this.#gone) {
      const routes = this.#routes.get(peer)!;
      for (const route of routes) {
        if (left-- === 0) return true;
        routes.delete(route);
        this.#unroute(peer, route);
      }
      this.#routes.delete(peer);
      this.#gone.delete(peer);
    }
    return false;
  }

  /** Which peers want a topic. To be looked at and used at once: it holds until the next change only. */
  interest(topic: string): Interest<P> {
    const { generation } = this.#trie;
    if (generation !== this.#rememberedGeneration) {
      this.#remembered.clear();
      this.#rememberedGeneration = generation;
    }
    const known = this.#remembered.get(topic);
    if (known !== undefined) return known;
    const found = new Interest<P>();
    this.#trie.match(topic, (route) => this.#note(route, found));
    const interest = found.isEmpty ? this.#nobody : found;
    if (topic.length > MAX_REMEMBERED_LENGTH) return interest;
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(topic, interest);
    return interest;
  }

  /** The brokers with members of a shared group. */
  group(filter: string, shareName: string): RemoteGroup<P> | undefined {
    return this.#groups.get(routeText(filter, shareName));
  }

  #note(route: P | RemoteGroup<P>, found: Interest<P>): void {
    if (route instanceof RemoteGroup) {
      if (route.peers.length > 0) found.groups.push(route);
    } else if (!this.#gone.has(route) && !found.peers.includes(route)) found.peers.push(route);
  }

  #unroute(peer: P, route: string): void {
    const shared = sharedOf(route);
    if (shared === undefined) {
      this.#trie.unsubscribe(route, peer);
      return;
    }
    const group = this.#groups.get(route);
    group?.leave(peer);
    if (group === undefined || group.peers.length > 0) return;
    this.#groups.delete(route);
    this.#trie.unsubscribe(shared.filter, group);
  }
}
