import { nativeNetwork } from "../../src/bench/wire.js";
import { decode, encode } from "../../src/codec/codec.js";
import { type Packet, PacketType, type ProtocolVersion } from "../../src/codec/packet.js";
import { subscribePacket } from "../../test/support/test-client-packets.js";
import { Client, type Dialler } from "../generator/client.js";
import { sourceOf } from "../generator/connections.js";

const VERSION: ProtocolVersion = 5;

/** Clients of brokers, in this process. */
export class Crowd {
  #isOver = false;
  #fail: (error: Error) => void = () => {};
  readonly #failed = new Promise<never>((_, reject) => {
    this.#fail = reject;
  });

  /** How clients of one broker connect. */
  async diallerTo(port: number): Promise<Dialler> {
    return {
      network: await nativeNetwork(),
      target: { host: "127.0.0.1", port },
      version: VERSION,
      onDeath: (reason) => {
        if (!this.#isOver) this.#fail(new Error(`a broker closed a connection: ${reason}`));
      },
    };
  }

  /** Does the work; rejects as soon as a connection ends that nobody has ended. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#failed.catch(() => {}); // also if the work is over by then
    try {
      return await Promise.race([work(), this.#failed]);
    } finally {
      this.#isOver = true;
    }
  }

  /** From now on brokers may close connections. */
  end(): void {
    this.#isOver = true;
  }
}

/** Subscribes to all of them with one packet; resolves after SUBACK. */
export async function subscribeAll(client: Client, filters: readonly string[]): Promise<void> {
  const answer = client.nextFrame();
  client.write(encode(subscribePacket(filters.map((topicFilter) => ({ topicFilter, qos: 1 }))), VERSION));
  const suback = packetIn(await answer);
  if (suback.type !== PacketType.Suback || suback.reasonCodes.some((code) => code > 2))
    throw new Error("the broker refused a subscription");
}

export interface Return {
  readonly client: Client;
  readonly sessionPresent: boolean;
  readonly sessionExpirySeconds: number;
}

/** Connects with a session that outlives the connection by an hour. */
export async function connectPersistent(dialler: Dialler, clientId: string, number: number): Promise<Return> {
  const expirySeconds = 3_600;
  let connack: Packet | undefined;
  const client = await Client.open(
    { ...dialler, onConnack: (packet) => (connack = packet) },
    encode(
      {
        ...{ type: PacketType.Connect, version: VERSION, cleanStart: false, keepAliveSeconds: 0, clientId },
        properties: { sessionExpiryIntervalSeconds: expirySeconds },
      },
      VERSION,
    ),
    sourceOf(number),
  );
  if (connack?.type !== PacketType.Connack) throw new Error("no CONNACK");
  const { sessionPresent, properties } = connack;
  return { client, sessionPresent, sessionExpirySeconds: properties.sessionExpiryIntervalSeconds ?? expirySeconds };
}

/** Does the work for all numbers below `count`, so many at a time. Rejects when the signal comes. */
export async function inParallel(
  count: number,
  concurrency: number,
  signal: AbortSignal,
  work: (number: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < count) {
      signal.throwIfAborted();
      await work(next++);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, one));
}

function packetIn(frame: Uint8Array): Packet {
  return decode(frame, 0, frame.length, VERSION);
}
