import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { commandOf } from "../torture/mqttd-child.js";
import { TortureClient } from "../torture/torture-client.js";
import { ChaosCluster } from "./chaos-cluster.js";

const RUNTIME = process.versions.bun === undefined ? "node" : "bun";
const ROUNDS = 1_000;
const BROKERS = 2;

/** One of two connections that race for an identifier. */
class Racer {
  readonly closed: Promise<void>;
  isClosed = false;
  readonly #client: TortureClient;
  #answered: (() => void) | undefined;

  constructor(port: number) {
    let close = () => {};
    this.closed = new Promise((resolve) => (close = resolve));
    this.#client = new TortureClient(
      { clientId: "c", version: 5, expirySeconds: 0 },
      {
        onPong: () => this.#answered?.(),
        onDisconnected: () => {
          this.isClosed = true;
          close();
        },
      },
    );
    this.#client.connect(port);
  }

  /** Resolves when the broker has answered, or has closed the connection. */
  async isServed(): Promise<boolean> {
    const answered = new Promise<void>((resolve) => (this.#answered = resolve));
    this.#client.ping();
    await Promise.race([answered, this.closed]);
    return !this.isClosed;
  }

  drop(): void {
    this.#client.drop();
  }
}

it("1,000 races of two clients with one identifier, on two brokers at once, end with one owner each", {
  timeout: 180_000,
}, async (context) => {
  const programs = mkdtempSync(join(tmpdir(), "mqttd-chaos-programs-"));
  onTestFinished(() => rmSync(programs, { recursive: true, force: true }));
  const cluster = await ChaosCluster.start({
    context,
    command: commandOf(RUNTIME, programs),
    brokers: BROKERS,
    onNote: (text) => console.log(text),
  });
  for (let round = 0; round < ROUNDS; round++) {
    const racers = cluster.ports.map((port) => new Racer(port));
    // One ends; what is left is served, and served for good: nobody else claims it.
    await Promise.race(racers.map(({ closed }) => closed));
    const winner = racers.findIndex(({ isClosed }) => !isClosed);
    expect(winner, `nobody has the client after round ${round}`).toBeGreaterThanOrEqual(0);
    expect(await racers[winner]!.isServed()).toBe(true);
    for (const racer of racers) racer.drop();
  }
  for (const broker of cluster.brokers) {
    await broker.stop(); // then it is known what it has logged
    expect([...broker.errors.keys()].filter((error) => !error.includes("claimed"))).toEqual([]);
    expect(broker.problems).toEqual([]);
  }
});
