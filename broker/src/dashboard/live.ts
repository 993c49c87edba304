import { type Answer, ApiError, call, open } from "./api.js";
import type { NodeRows } from "./api-types.js";
import { Series } from "./series.js";

const LONGEST_PAUSE_MS = 10_000;

/** The numbers as they come in, for whoever shows them. */
export class Live {
  readonly series = new Series();
  missing: readonly string[] = [];
  isConnected = false;
  readonly #watchers = new Set<() => void>();
  #aborter: AbortController | undefined;

  /** Calls `act` now and whenever something has come, until `signal` says so. */
  watch(act: () => void, signal: AbortSignal): void {
    this.#watchers.add(act);
    signal.addEventListener("abort", () => this.#watchers.delete(act));
    act();
  }

  /** Follows the broker, and comes back when the connection is lost. */
  start(): void {
    this.stop();
    this.#aborter = new AbortController();
    void this.#follow(this.#aborter.signal);
  }

  stop(): void {
    this.#aborter?.abort();
    this.isConnected = false;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        const { data } = await call<Answer<NodeRows>>("/history", { signal });
        this.series.begin(data);
        const response = await open("/stream", { signal });
        for await (const event of eventsOf(response)) {
          failures = 0;
          this.#take(event);
        }
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return; // who signs in starts it again
      }
      if (signal.aborted) return;
      this.isConnected = false;
      this.#tell();
      await new Promise((resolve) => setTimeout(resolve, Math.min(LONGEST_PAUSE_MS, 1_000 * (failures + 1))));
    }
  }

  #take({ data, meta }: Answer<NodeRows>): void {
    this.series.add(data);
    this.missing = meta.missing ?? [];
    this.isConnected = true;
    this.#tell();
  }

  #tell(): void {
    if (!document.hidden) for (const act of this.#watchers) act();
  }
}

async function* eventsOf(response: Response): AsyncGenerator<Answer<NodeRows>> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const events = text.split("\n\n");
    text = events.pop()!;
    for (const event of events) yield JSON.parse(event.slice(event.indexOf("data: ") + 6));
  }
}
