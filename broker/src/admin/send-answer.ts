import type { ServerResponse } from "node:http";
import type { PageMeta } from "./lists/page.js";
import type { Answer, JsonAnswer, PageAnswer, TextAnswer } from "./route.js";

/** For everything that is sent: nothing is kept, nothing is guessed, and no page of others may show it. */
const HEADERS = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** Writes an answer at once; does nothing if nobody waits for it any more. */
export function sendAnswer(response: ServerResponse, given: JsonAnswer | PageAnswer | TextAnswer): void {
  if (response.destroyed || response.headersSent) return;
  const answer = "page" in given ? { json: new JsonText(pageText(given)) } : given;
  const { bytes, type } = contentOf(answer);
  response.writeHead(statusOf(answer), {
    ...HEADERS,
    ...(bytes !== undefined && { "Content-Type": type, "Content-Length": String(bytes.length) }),
    ...answer.headers,
  });
  response.end(bytes);
}

function contentOf(answer: JsonAnswer | TextAnswer): { bytes: Uint8Array | undefined; type: string } {
  if ("contentType" in answer) {
    const { text, contentType: type } = answer;
    return { bytes: typeof text === "string" ? Buffer.from(text) : text, type };
  }
  const { json, status = 200 } = answer;
  const type = status >= 400 ? "application/problem+json" : "application/json";
  if (json === undefined) return { bytes: undefined, type };
  return { bytes: Buffer.from(jsonText(json)), type };
}

/** JSON that has been written already. */
export class JsonText {
  constructor(readonly text: string) {}
}

/** The status that an answer goes out with. */
export function statusOf(answer: Answer): number {
  if ("stream" in answer || "page" in answer) return 200;
  return answer.status ?? ("contentType" in answer || answer.json !== undefined ? 200 : 204);
}

export function jsonText(json: unknown): string {
  return json instanceof JsonText ? json.text : JSON.stringify(json);
}

function pageText({ page: { items, cursor }, missing = [] }: PageAnswer): string {
  const meta: PageMeta = { ...(cursor !== undefined && { cursor }), ...(missing.length > 0 && { missing: [...missing] }) };
  return `{"data":[${items.join(",")}],"meta":${JSON.stringify(meta)}}`;
}
