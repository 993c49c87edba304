import type { ServerResponse } from "node:http";
import type { PageMeta } from "./lists/page.js";
import { withCommas } from "./lists/pieces.js";
import { nextTurn } from "./lists/turns.js";
import type { Answer, JsonAnswer, PageAnswer, TextAnswer } from "./route.js";

/** For everything that is sent: nothing is kept, nothing is guessed, and no page of others may show it. */
export const HEADERS = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** Of a page, what is handed to the system between two turns of MQTT. */
const PART_BYTES = 65_536;

/** Writes an answer at once; does nothing if nobody waits for it any more. */
export function sendAnswer(response: ServerResponse, answer: JsonAnswer | TextAnswer): void {
  if (response.destroyed || response.headersSent) return;
  const { bytes, type } = contentOf(answer);
  response.writeHead(statusOf(answer), {
    ...HEADERS,
    ...(bytes !== undefined && { "Content-Type": type, "Content-Length": String(bytes.length) }),
    ...answer.headers,
  });
  response.end(bytes);
}

/** Writes a page, a part of it at a time; resolves when all is handed over, or nobody waits for it any more. */
export async function sendPage(response: ServerResponse, answer: PageAnswer): Promise<void> {
  if (response.destroyed || response.headersSent) return;
  const parts = partsOf(answer);
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  response.writeHead(200, { ...HEADERS, "Content-Type": "application/json", "Content-Length": String(length) });
  let written = 0;
  for (const part of parts) {
    response.write(part);
    written += part.length;
    if (written < PART_BYTES) continue;
    written = 0;
    await nextTurn();
    if (response.destroyed) return;
  }
  response.end();
}

function contentOf(answer: JsonAnswer | TextAnswer): { bytes: Uint8Array | undefined; type: string } {
  if ("contentType" in answer) {
    const { text, contentType: type } = answer;
    return { bytes: typeof text === "string" ? Buffer.from(text) : text, type };
  }
  const { json, status = 200 } = answer;
  const type = status >= 400 ? "application/problem+json" : "application/json";
  if (json === undefined) return { bytes: undefined, type };
  return { bytes: jsonBytes(json), type };
}

/** JSON that has been written already. */
export class JsonBytes {
  constructor(readonly bytes: Uint8Array) {}
}

/** The status that an answer goes out with. */
export function statusOf(answer: Answer): number {
  if ("stream" in answer || "page" in answer) return 200;
  return answer.status ?? ("contentType" in answer || answer.json !== undefined ? 200 : 204);
}

export function jsonBytes(json: unknown): Uint8Array {
  return json instanceof JsonBytes ? json.bytes : Buffer.from(JSON.stringify(json));
}

function partsOf({ page: { pieces, cursor }, missing = [] }: PageAnswer): Uint8Array[] {
  const meta: PageMeta = { ...(cursor !== undefined && { cursor }), ...(missing.length > 0 && { missing: [...missing] }) };
  return [Buffer.from('{"data":['), ...withCommas(pieces), Buffer.from(`],"meta":${JSON.stringify(meta)}}`)];
}
