import { randomUUID } from "node:crypto";
import type { Msg } from "@nats-io/transport-node";
import type { AskJetStream } from "./jetstream-api.js";

const HEARTBEAT_MS = 1_000;
/** When the server forgets a consumer that nobody listens to. */
const FORGOTTEN_MS = 30_000;
const NS = 1_000_000;
const NOTHING = new Uint8Array(0);

/** One consumer of JetStream, in the memory of one server: it pushes messages, and heartbeats when there are none. */
export class TailConsumer {
  readonly subject: string;
  readonly #stream: string;
  readonly #name: string;
  readonly #ask: AskJetStream;
  #isCreated = false;

  constructor(stream: string, inbox: string, ask: AskJetStream) {
    this.#stream = stream;
    this.#name = randomUUID();
    this.#ask = ask;
    this.subject = `${inbox}.${this.#name}`;
  }

  async create(fromSequence: number, subject?: string): Promise<void> {
    this.#isCreated = true;
    await this.#ask(`CONSUMER.CREATE.${this.#stream}.${this.#name}`, {
      stream_name: this.#stream,
      config: {
        name: this.#name,
        deliver_subject: this.subject,
        deliver_policy: "by_start_sequence",
        opt_start_seq: fromSequence,
        ...(subject !== undefined && { filter_subject: subject }),
        ack_policy: "none",
        max_deliver: 1,
        idle_heartbeat: HEARTBEAT_MS * NS,
        flow_control: true,
        inactive_threshold: FORGOTTEN_MS * NS,
        mem_storage: true,
        num_replicas: 1,
      },
    });
  }

  /** Does what a heartbeat or a request of flow control wants; false for a message of the stream. */
  answers(message: Msg): boolean {
    const { headers, data } = message;
    if (data.length > 0 || headers?.code !== 100) return false;
    const stalled = headers.get("Nats-Consumer-Stalled");
    if (message.reply !== undefined && message.reply !== "") message.respond(NOTHING);
    else if (stalled !== "") this.#resume(message, stalled);
    return true;
  }

  /** It goes by itself if this does not get through. */
  delete(): void {
    if (this.#isCreated) this.#ask(`CONSUMER.DELETE.${this.#stream}.${this.#name}`).catch(() => {});
  }

  /** The server waits for an answer to a request of flow control that was lost. */
  #resume(heartbeat: Msg, subject: string): void {
    (heartbeat as { reply?: string }).reply = subject;
    heartbeat.respond(NOTHING);
  }
}

/**
 * Of a message's reply subject: its sequence in the stream, and its number among those that this consumer has delivered, from 1 on.
 * `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<number>.<time>.<pending>`, with domain and account before the stream since API v2.
 */
export function deliverySequences(reply = ""): { readonly sequence: number; readonly delivery: number } {
  const tokens = reply.split(".");
  const first = tokens.length > 9 ? 7 : 5;
  return { sequence: Number(tokens[first]), delivery: Number(tokens[first + 1]) };
}
