/*
 * Follows a broker's numbers as so many open dashboards do, and prints a line for each event that the first of them gets.
 *
 *     tsx broker/bench/admin/watcher.ts http://127.0.0.1:18083 COUNT
 */
const [url = "", count = "1"] = process.argv.slice(2);

await Promise.all(Array.from({ length: Number(count) }, (_, index) => follow(index === 0)));

async function follow(isTold: boolean): Promise<void> {
  const response = await fetch(`${url}/api/v1/stream`);
  if (!response.ok || response.body === null) throw new Error(await response.text());
  let lastMs = performance.now();
  for await (const _ of response.body) {
    const nowMs = performance.now();
    if (isTold) process.stdout.write(`${JSON.stringify({ milliseconds: Math.round(nowMs - lastMs), isLast: true })}\n`);
    lastMs = nowMs;
  }
}
