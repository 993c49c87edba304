/*
 * Lists all clients of a broker, page by page and again and again, and prints a line for each page. Reads no more of the answers than it needs,
 * so that it takes little of the processor that others are measured on.
 *
 *     tsx broker/bench/admin/lister.ts http://127.0.0.1:18083 PAGE PAUSE_MS
 */
import { Agent, get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const [url = "", page = "1000", pauseMs = "0"] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** The end of an answer holds where the next page begins. */
const END_BYTES = 300;

for (;;) {
  let cursor: string | undefined;
  do {
    const startedAt = performance.now();
    const end = await endOf(`${url}/api/v1/clients?limit=${page}${cursor === undefined ? "" : `&cursor=${cursor}`}`);
    cursor = /"cursor":"([\w-]+)"/.exec(end)?.[1];
    process.stdout.write(`${JSON.stringify({ milliseconds: performance.now() - startedAt, isLast: cursor === undefined })}\n`);
  } while (cursor !== undefined);
  await sleep(Number(pauseMs));
}

function endOf(target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(target, { agent }, (response) => {
      let last: Buffer = Buffer.alloc(0);
      response.on("data", (chunk: Buffer) => {
        last = chunk.length >= END_BYTES ? chunk : Buffer.concat([last, chunk]);
      });
      response.on("end", () => {
        const end = last.subarray(-END_BYTES).toString();
        if (response.statusCode === 200) resolve(end);
        else reject(new Error(`${response.statusCode} ${end}`));
      });
      response.on("error", reject);
    }).on("error", reject);
  });
}
