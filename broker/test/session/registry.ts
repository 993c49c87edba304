import type { Message } from "../../src/message.js";
import { MemorySessionStore } from "../../src/persistence/memory-session-store.js";
import type { Delivery } from "../../src/session/delivery.js";
import type { Session } from "../../src/session/session.js";
import { SessionRegistry } from "../../src/session/session-registry.js";
import type { Subscription } from "../../src/session/subscription.js";
import { TimerWheel } from "../../src/timer-wheel.js";
import { RecordingLink, sessionContext, type TestContext } from "./support.js";

/** A registry with all that it works with; what it tells the rest of the broker is noted. */
export class TestRegistry {
  readonly context: TestContext;
  readonly sessions: MemorySessionStore;
  readonly wheel: TimerWheel;
  readonly registry: SessionRegistry;
  readonly subscribed: Subscription[] = [];
  readonly unsubscribed: Subscription[] = [];
  readonly redelivered: Delivery[] = [];
  readonly wills: Message[] = [];
  readonly released: string[] = [];

  constructor(context = sessionContext(), sessions = new MemorySessionStore()) {
    const { clock, counters } = context;
    this.context = context;
    this.sessions = sessions;
    this.wheel = new TimerWheel({ clock });
    this.registry = new SessionRegistry({
      context,
      sessions,
      clock,
      counters,
      wheel: this.wheel,
      subscribe: (subscription) => {
        this.subscribed.push(subscription);
        return undefined;
      },
      unsubscribe: (subscription) => this.unsubscribed.push(subscription),
      redeliver: (delivery) => this.redelivered.push(delivery),
      publishWill: (message) => this.wills.push(message),
      released: (clientId) => this.released.push(clientId),
    });
  }

  /** A client that connects and gets its session, as the handler of CONNECT does it. */
  open(clientId: string, { cleanStart = false, expirySeconds = 60, will = undefined as Message | undefined, willDelaySeconds = 0 } = {}) {
    const opened = this.registry.open(clientId, undefined, cleanStart, expirySeconds);
    const link = new RecordingLink();
    link.onDisconnect = () => this.registry.leave(opened.session, will, willDelaySeconds);
    opened.session.link = link;
    this.registry.saveConnected(opened.session, will, willDelaySeconds);
    return { ...opened, link };
  }

  leave(session: Session, will?: Message, willDelaySeconds = 0): void {
    this.registry.leave(session, will, willDelaySeconds);
  }

  /** Lets time pass, a second at a time. */
  wait(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.context.clock.nowMs += 1_000;
      this.wheel.advance();
    }
  }

  /** The registry of a broker that starts on the same stores, at the same time. */
  async restarted(): Promise<TestRegistry> {
    const again = new TestRegistry({ ...this.context, held: { messages: 0, bytes: 0 } }, this.sessions);
    await again.registry.restore();
    return again;
  }

  get willTexts(): string[] {
    return this.wills.map(({ payload }) => Buffer.from(payload).toString());
  }
}
