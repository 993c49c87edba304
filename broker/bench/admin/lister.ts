/*
 * Lists all clients of a broker, page by page and again and again, and prints how long each list took. Reads no more of the answers than it
 * needs, so that it takes little of the processor that others are measured on.
 *
 *     tsx broker/bench/admin/lister.ts http://127.0.0.1:18083 PAUSE_MS
 */
import { setTimeout as sleep } from "node:timers/promises";

const [url = "", pauseMs = "0"] = process.argv.slice(2);

for (;;) {
  const startedAt = performance.now();
  let pages = 0;
  let cursor: string | undefined = "";
  while (cursor !== undefined) {
    const response = await fetch(`${url}/api/v1/clients?limit=1000${cursor && `&cursor=${cursor}`}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(bytes.toString());
    cursor = bytes
      .subarray(-300)
      .toString()
      .match(/"cursor":"([\w-]+)"/)?.[1];
    pages++;
  }
  process.stdout.write(`${JSON.stringify({ pages, milliseconds: Math.round(performance.now() - startedAt) })}\n`);
  await sleep(Number(pauseMs));
}
