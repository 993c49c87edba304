import { expect, it } from "vitest";
import { type AckType, PacketType, type Qos } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import type { Publication } from "../../src/publication/publication.js";
import { Outbox } from "../../src/session/outbox.js";
import type { Session } from "../../src/session/session.js";
import { seededRandom } from "../topics/support.js";
import { deliverAll, RecordingLink, sessionContext, sessionOf, textOfPublication } from "./support.js";

const { Puback, Pubrec, Pubcomp, Pubrel } = PacketType;

/** What the client remembers from one connection to the next, told from the standard alone: the oracle. */
class ClientState {
  /** Texts in the order in which the application got them; QoS 1 may repeat. */
  readonly delivered: string[] = [];
  /** QoS 2 identifiers taken and not released. */
  readonly taken = new Set<number>();
  readonly known = new Map<number, string>();
}

/** One connection of the client: keeps to the standard, but answers only when the test says so. */
class ClientLink extends RecordingLink {
  readonly answers: (readonly [type: AckType, packetId: number])[] = [];
  readonly unacknowledged = new Set<number>();
  #lastResent = -1;
  #hasNew = false;
  readonly #state: ClientState;

  constructor(state: ClientState, maxInflight: number) {
    super();
    this.#state = state;
    this.maxInflight = maxInflight;
  }

  override publish(publication: Publication, qos: Qos, dup: boolean, _retain: boolean, packetId: number): void {
    const text = textOfPublication(publication);
    this.#checkOrder(Number(text.split(" ")[0]), dup);
    expect([this.isWritable, this.unacknowledged.has(packetId)]).toEqual([true, false]);
    this.unacknowledged.add(packetId);
    expect(this.unacknowledged.size).toBeLessThanOrEqual(this.maxInflight);
    if (dup) expect(this.#state.known.get(packetId)).toBe(text);
    this.#state.known.set(packetId, text);
    if (qos === 1 || !this.#state.taken.has(packetId)) this.#state.delivered.push(text);
    if (qos === 2) this.#state.taken.add(packetId);
    this.answers.push([qos === 1 ? Puback : Pubrec, packetId]);
  }

  override acknowledge(type: AckType, packetId: number, reasonCode: ReasonCode): void {
    expect([type, reasonCode]).toEqual([Pubrel, ReasonCode.Success]);
    this.#state.taken.delete(packetId);
    this.unacknowledged.add(packetId);
    this.answers.push([Pubcomp, packetId]);
  }

  /** Gives the next of its answers. */
  answer(session: Session): void {
    const [type, packetId] = this.answers.shift()!;
    if (type === Pubrec) session.receivedByClient(packetId, ReasonCode.Success);
    else {
      this.unacknowledged.delete(packetId);
      expect(type === Puback ? session.acknowledged(packetId) : session.completed(packetId)).toBe(true);
      session.sendQueued();
    }
  }

  /** What is sent again comes first, both in the order of publication [MQTT-4.6.0-1] [MQTT-4.6.0-5]. */
  #checkOrder(number: number, dup: boolean): void {
    expect(dup && this.#hasNew).toBe(false);
    expect(number).toBeGreaterThan(this.#lastResent);
    this.#lastResent = number;
    this.#hasNew = !dup;
  }
}

it.each([1, 2, 3, 4, 5, 6])(
  "a session loses nothing, repeats no QoS 2 message and keeps the order, whatever its connections go through (seed %i) [MQTT-4.3.2-1] [MQTT-4.3.3-1] [MQTT-4.4.0-1] [MQTT-4.6.0-5]",
  (seed) => {
    const random = seededRandom(seed);
    const context = sessionContext({ maxQueuedMessages: 1e9, maxQueuedBytes: 1e9 });
    const state = new ClientState();
    let session = sessionOf(context);
    let link = null as ClientLink | null;
    const published: string[] = [];

    const connect = (maxInflight: number) => {
      link = new ClientLink(state, maxInflight);
      session.outbox?.resume();
      session.link = link;
      session.sendQueued();
    };
    const restart = () => {
      session = sessionOf(context);
      const { deliveries } = context.messages.load(session.clientId);
      session.outbox = new Outbox(context, session.clientId);
      session.outbox.restore(deliveries);
      link = null;
    };

    for (let step = 0; step < 3_000; step++) {
      const choice = random();
      if (choice < 0.45) {
        const qos: Qos = random() < 0.5 ? 1 : 2;
        const text = `${published.length} QoS ${qos}`;
        published.push(text);
        deliverAll(session, [text], qos);
      } else if (choice < 0.9) {
        if (link === null) connect(1 + Math.floor(random() * 20));
        else if (link.answers.length > 0) link.answer(session);
      } else if (choice < 0.95 && link !== null) {
        link.isWritable = !link.isWritable;
        if (link.isWritable) session.sendQueued();
      } else if (choice < 0.985) session.link = link = null;
      else restart();
    }

    session.link = null;
    connect(10);
    while (link!.answers.length > 0) link!.answer(session);

    expect([session.inflightCount, session.queuedCount, state.taken.size]).toEqual([0, 0, 0]);
    expect([...new Set(state.delivered)]).toEqual(published);
    const exactlyOnce = (texts: readonly string[]) => texts.filter((text) => text.endsWith("QoS 2"));
    expect(exactlyOnce(state.delivered)).toEqual(exactlyOnce(published));
    expect(context.messages.load(session.clientId).deliveries).toEqual([]);
  },
);
