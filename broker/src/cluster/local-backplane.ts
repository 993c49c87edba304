import type { Backplane } from "./backplane.js";

/** A broker without peers: every client is ours, nobody else subscribes. */
export class LocalBackplane implements Backplane {
  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  claim(): undefined {
    return undefined;
  }

  release(): void {}

  wants(): boolean {
    return false;
  }

  publish(): undefined {
    return undefined;
  }

  subscribed(): undefined {
    return undefined;
  }

  unsubscribed(): void {}
}
