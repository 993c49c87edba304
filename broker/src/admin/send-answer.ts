import type { ServerResponse } from "node:http";
import type { JsonAnswer, TextAnswer } from "./route.js";

/** For everything that is sent: nothing is kept, nothing is guessed, and no page of others may show it. */
const HEADERS = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** Writes an answer at once; does nothing if nobody waits for it any more. */
export function sendAnswer(response: ServerResponse, answer: JsonAnswer | TextAnswer): void {
  if (response.destroyed || response.headersSent) return;
  const { bytes, type } = contentOf(answer);
  const status = answer.status ?? (bytes === undefined ? 204 : 200);
  response.writeHead(status, {
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
  return { bytes: Buffer.from(json instanceof JsonText ? json.text : JSON.stringify(json)), type };
}

/** JSON that has been written already. */
export class JsonText {
  constructor(readonly text: string) {}
}
