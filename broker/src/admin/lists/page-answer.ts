import type { JsonAnswer } from "../route.js";
import { JsonText } from "../send-answer.js";
import type { Page, PageMeta } from "./page.js";

/** A page as it goes out: its entries are JSON already. */
export function pageAnswer({ items, cursor }: Page, missing: readonly string[] = []): JsonAnswer {
  const meta: PageMeta = { ...(cursor !== undefined && { cursor }), ...(missing.length > 0 && { missing: [...missing] }) };
  return { json: new JsonText(`{"data":[${items.join(",")}],"meta":${JSON.stringify(meta)}}`) };
}
