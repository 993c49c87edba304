import * as z from "zod";
import { Problem } from "../problem.js";
import type { HeldPlaces, Place } from "./held-places.js";
import { type Pieces, PieceWriter } from "./pieces.js";
import { Slices } from "./slices.js";

/** What one page may take of memory, and of a message between brokers. */
const MOST_CHARACTERS = 400_000;

export const PageQuery = {
  limit: z.coerce.number().int().min(1).max(1_000).default(100).register(z.globalRegistry, { description: "Most entries of the page" }),
  cursor: z.string().max(1_024).optional().register(z.globalRegistry, { description: "meta.cursor of the page before" }),
};

export const PageMeta = z.object({
  cursor: z.string().optional().register(z.globalRegistry, { description: "Where the next page begins; none on the last page" }),
  missing: z
    .array(z.string())
    .optional()
    .register(z.globalRegistry, { description: "Brokers of the cluster that did not answer in time: the list is not whole" }),
});

export type PageMeta = z.infer<typeof PageMeta>;

/** A list of `item`, page by page. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), meta: PageMeta });
}

/** One page: entries in JSON already, as they go out. */
export interface Page {
  readonly pieces: Pieces;
  /** Entries. */
  readonly count: number;
  readonly cursor: string | undefined;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Reads one page of a list, in slices. What comes and goes while a list is read may be on a page or not; everything else is on exactly one as
 * long as its place is kept, that is within a minute from page to page.
 *
 * `source` begins the list, and may come up with undefined for things that it passes over; `show` makes an entry of a thing, or undefined if it
 * is not wanted.
 */
export async function readPage<T>(
  { limit, cursor, signal }: PageRequest,
  places: HeldPlaces<T>,
  source: () => Iterator<T | undefined>,
  show: (thing: T) => object | undefined,
): Promise<Page> {
  const slices = new Slices();
  const { rest, offset } = cursor === undefined ? { rest: source(), offset: 0 } : await placeOf(cursor, places, source, slices, signal);
  const written = new PieceWriter();
  let looked = offset;
  let isWhole = false;
  while (written.count < limit && written.characters < MOST_CHARACTERS) {
    const pause = slices.next();
    if (pause !== undefined) await pausedFor(pause, signal);
    const next = rest.next();
    if (next.done === true) {
      isWhole = true;
      break;
    }
    looked++;
    const entry = next.value === undefined ? undefined : show(next.value);
    if (entry !== undefined) written.add(entry);
  }
  written.end();
  const { pieces, count } = written;
  if (isWhole) return { pieces, count, cursor: undefined };
  const number = places.keep({ rest, offset: looked });
  return { pieces, count, cursor: Buffer.from(`${places.list} ${number} ${looked}`).toString("base64url") };
}

/** Where a page begins: where the one before ended; if that is not known any more, after as many things as came before. */
async function placeOf<T>(
  cursor: string,
  places: HeldPlaces<T>,
  source: () => Iterator<T | undefined>,
  slices: Slices,
  signal: AbortSignal | undefined,
): Promise<Place<T>> {
  const [, list, number, offset] = /^(\w+) (\d{1,15}) (\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (list !== places.list) throw new Problem(400, "cursor: it is none that this list has given out");
  const kept = places.take(Number(number));
  if (kept !== undefined && kept.offset === Number(offset)) return kept;
  const rest = source();
  for (let skipped = 0; skipped < Number(offset); skipped++) {
    const pause = slices.next();
    if (pause !== undefined) await pausedFor(pause, signal);
    if (rest.next().done === true) break;
  }
  return { rest, offset: Number(offset) };
}

async function pausedFor(pause: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  await pause;
  if (signal?.aborted) throw new Problem(499, "nobody waits for it any more");
}
