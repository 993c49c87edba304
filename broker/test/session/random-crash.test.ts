import { expect, it } from "vitest";
import { type AckType, PacketType, type Qos } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import type { Publication } from "../../src/publication/publication.js";
import { Commits } from "../../src/session/commits.js";
import { Outbox } from "../../src/session/outbox.js";
import type { Session } from "../../src/session/session.js";
import { seededRandom } from "../topics/support.js";
import { CrashingMessageStore } from "./crashing-message-store.js";
import { deliverAll, RecordingLink, sessionContext, sessionOf, textOfPublication } from "./support.js";

const { Puback, Pubrec, Pubcomp } = PacketType;

/** What the client remembers, whatever happens to the broker. */
class ClientState {
  readonly delivered: string[] = [];
  readonly taken = new Set<number>();
}

/** One connection of a client that keeps to the standard and answers when the test says so. */
class ClientLink extends RecordingLink {
  override maxInflight = 8;
  readonly answers: (readonly [type: AckType, packetId: number])[] = [];
  readonly #state: ClientState;

  constructor(state: ClientState) {
    super();
    this.#state = state;
  }

  override publish(publication: Publication, qos: Qos, _dup: boolean, _retain: boolean, packetId: number): void {
    if (qos === 1 || !this.#state.taken.has(packetId)) this.#state.delivered.push(textOfPublication(publication));
    if (qos === 2) this.#state.taken.add(packetId);
    this.answers.push([qos === 1 ? Puback : Pubrec, packetId]);
  }

  override acknowledge(_type: AckType, packetId: number): void {
    this.#state.taken.delete(packetId);
    this.answers.push([Pubcomp, packetId]);
  }

  answer(session: Session): void {
    const [type, packetId] = this.answers.shift()!;
    if (type === Pubrec) session.receivedByClient(packetId, ReasonCode.Success);
    else if (type === Puback) session.acknowledged(packetId);
    else session.completed(packetId);
    session.sendQueued();
  }
}

it.each([1, 2, 3, 4, 5, 6])(
  "a session of a broker that crashes between its commits, some of which fail, loses nothing that was committed and repeats no QoS 2 message (seed %i) [MQTT-4.3.3-1] [MQTT-4.4.0-1]",
  async (seed) => {
    const random = seededRandom(seed);
    const messages = new CrashingMessageStore();
    const parts = () => ({
      ...sessionContext({ maxQueuedMessages: 1e9, maxQueuedBytes: 1e9 }),
      messages,
      commits: new Commits({ stores: [messages], onFailure: () => {} }),
    });
    const state = new ClientState();
    let session = sessionOf(parts());
    let link = null as ClientLink | null;
    /** By text; those the broker has promised to deliver. */
    const acknowledged = new Set<string>();
    let unacknowledged: string[] = [];
    let count = 0;

    const connect = () => {
      link = new ClientLink(state);
      session.outbox?.resume();
      session.link = link;
      session.sendQueued();
    };
    const settle = async (error?: Error) => {
      const covered = unacknowledged;
      await messages.settle(error);
      if (error !== undefined) return;
      for (const text of covered) acknowledged.add(text);
      unacknowledged = [];
    };
    const crash = () => {
      messages.crash();
      unacknowledged = [];
      const context = parts();
      session = sessionOf(context);
      session.outbox = new Outbox(context, session.clientId);
      session.outbox.restore(messages.load(session.clientId).deliveries);
      link = null;
    };

    for (let step = 0; step < 3_000; step++) {
      const choice = random();
      if (choice < 0.4) {
        const qos: Qos = random() < 0.3 ? 1 : 2;
        const text = `${count++} QoS ${qos}`;
        unacknowledged.push(text);
        deliverAll(session, [text], qos);
      } else if (choice < 0.8) {
        if (link === null) connect();
        else if (link.answers.length > 0) link.answer(session);
      } else if (choice < 0.9) await settle(random() < 0.2 ? new Error("disk full") : undefined);
      else if (choice < 0.95 && link !== null) {
        link.isWritable = !link.isWritable;
        if (link.isWritable) session.sendQueued();
      } else if (choice < 0.98) session.link = link = null;
      else crash();
    }

    session.link = null;
    connect();
    for (let idle = 0; idle < 2; ) {
      idle = link!.answers.length > 0 ? 0 : idle + 1;
      while (link!.answers.length > 0) link!.answer(session);
      await settle();
    }
    expect([session.inflightCount, session.queuedCount, state.taken.size]).toEqual([0, 0, 0]);
    const delivered = new Set(state.delivered);
    expect([...acknowledged].filter((text) => !delivered.has(text))).toEqual([]);
    const once = state.delivered.filter((text) => text.endsWith("QoS 2"));
    expect(once.length).toBe(new Set(once).size);
    const numbers = once.map((text) => Number(text.split(" ")[0]));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(once.length).toBeGreaterThan(100);
    expect(messages.load(session.clientId).deliveries).toEqual([]);
  },
);
