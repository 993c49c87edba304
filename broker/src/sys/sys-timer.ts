import type { Clock } from "../clock.js";
import type { Log } from "../log.js";
import { SysPublisher, type SysPublisherOptions } from "./sys-publisher.js";

export interface SysTimerOptions extends SysPublisherOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** 0: they are not published at all. */
  readonly intervalSeconds: number;
}

/** Publishes the `$SYS` topics now and then every so often, until the function that it returns is called. */
export function publishSysTopics({ intervalSeconds, log, ...options }: SysTimerOptions): () => void {
  if (intervalSeconds === 0) return () => {};
  const publisher = new SysPublisher(options);
  const tick = () => {
    try {
      publisher.tick();
    } catch (error) {
      log.error({ err: error }, "$SYS topics could not be published");
    }
  };
  tick();
  return options.clock.every(intervalSeconds * 1_000, tick);
}
