import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { freePort } from "./free-port.js";

const leaseOf = (port: number) => join(tmpdir(), `mqttd-test-ports-${userInfo().uid}`, String(port));

it("tells nobody of a port that another living process was told, though nothing listens there", async () => {
  const ports = await Promise.all(Array.from({ length: 300 }, freePort));
  expect(new Set(ports).size).toBe(300);
  for (const port of ports) expect(readFileSync(leaseOf(port), "utf8")).toBe(String(process.pid));
});

it("takes back what a process had that was killed", async () => {
  const port = await freePort();
  writeFileSync(leaseOf(port), "99999999"); // above the largest id that Linux gives
  vi.spyOn(Math, "random").mockReturnValueOnce((port - 10_000 + 0.5) / 22_000);
  expect(await freePort()).toBe(port);
  expect(readFileSync(leaseOf(port), "utf8")).toBe(String(process.pid));
});
