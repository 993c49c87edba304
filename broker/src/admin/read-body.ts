import type { IncomingMessage } from "node:http";
import { Problem } from "./problem.js";

/** A message to publish is the longest thing that is sent here. */
const MOST_BYTES = 1_048_576;

/**
 * What was sent with a request, as JSON; undefined if nothing was.
 *
 * @throws Problem 400, 413 or 415
 */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const { headers } = request;
  const length = headers["content-length"];
  if ((length === undefined || length === "0") && headers["transfer-encoding"] === undefined) return undefined;
  // A form of another page cannot send this type without asking first.
  if (!/^application\/json\s*(;|$)/i.test(headers["content-type"] ?? "")) {
    throw new Problem(415, "what is sent has to be JSON, with Content-Type: application/json");
  }
  const bytes = await readBytes(request, Number(length ?? 0));
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Problem(400, "what was sent is not JSON");
  }
}

/** By events, as leaving an iterator would end the connection before the answer is out. */
function readBytes(request: IncomingMessage, announced: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > MOST_BYTES) refuse();
    };
    const refuse = () => {
      request.off("data", take);
      request.pause();
      reject(new Problem(413, `what is sent may have at most ${MOST_BYTES} bytes`));
    };
    if (announced > MOST_BYTES) {
      refuse();
      return;
    }
    request.on("data", take);
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("close", () => reject(new Problem(400, "not all that was announced was sent")));
  });
}
