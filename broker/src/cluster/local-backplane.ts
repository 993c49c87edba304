import type { Backplane } from "./backplane.js";

/** A broker without peers: every client is ours, nobody else subscribes. */
export class LocalBackplane implements Backplane {
  readonly isReady = true;
  /** There is nowhere else to go. */
  readonly movesSessions = true;

  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  claim(): undefined {
    return undefined;
  }

  async handOver(): Promise<void> {
    throw new Error("there is no other broker to take over sessions");
  }

  release(): void {}

  wants(): boolean {
    return false;
  }

  keeps(): boolean {
    return true;
  }

  handOn(): boolean {
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
