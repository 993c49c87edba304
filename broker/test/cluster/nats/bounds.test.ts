import { describe, expect, it, onTestFinished, vi } from "vitest";
import { HeldMessages } from "../../../src/cluster/nats/held-messages.js";
import type { NatsBackplane } from "../../../src/cluster/nats/nats-backplane.js";
import { type Message, NEVER } from "../../../src/message.js";
import { startNatsServer } from "../../support/nats-server.js";
import { TcpProxy } from "../../support/tcp-proxy.js";
import { natsBackplane } from "./test-backplane.js";

function message(number: number, fields: Partial<Message> = {}): Message {
  const payload = Buffer.alloc(10_000, " ");
  payload.write(`${number}`);
  return { topic: "t", payload, qos: 1, retain: false, properties: {}, expiresAtMs: NEVER, publisher: "", ...fields };
}

const numberOf = ({ payload }: Message) => Number(Buffer.from(payload).toString().trim());

async function started(backplane: NatsBackplane, received: number[] = []): Promise<NatsBackplane> {
  onTestFinished(() => backplane.stop());
  const onMessage = (got: Message) => void received.push(numberOf(got));
  await backplane.start({ onMessage, onTakenOver: () => {}, onFenced: () => {}, onCutOff: () => {} });
  return backplane;
}

describe("a broker whose peer does not keep up", () => {
  it("refuses and drops what is beyond its bound, counts it, and hands over all the rest in order once it can", async (context) => {
    const { url } = await startNatsServer(context);
    const proxy = await TcpProxy.to(Number(new URL(url).port));
    const received: number[] = [];
    const bounds = { maxInFlightBytes: 1_000_000, deadAfterSeconds: 60 };
    const here = await started(natsBackplane([url], bounds));
    const there = await started(natsBackplane([`nats://127.0.0.1:${proxy.port}`], bounds), received);
    await there.subscribed("t");
    proxy.block();
    const accepted: number[] = [];
    const published = Array.from({ length: 200 }, async (_, i) => {
      await here.publish(message(i), []);
      accepted.push(i);
    });
    const settled = Promise.allSettled(published);
    for (let i = 0; i < 10; i++) expect(here.publish(message(i, { qos: 0 }), [])).toBeUndefined();
    expect([here.counters.messagesDropped, here.counters.messagesRefused]).toEqual([10, 200 - here.counters.messagesSent]);
    expect(here.counters.messagesSent).toBeLessThanOrEqual(100);
    proxy.unblock();
    await settled;
    expect(received).toEqual(accepted);
    expect(accepted).toHaveLength(here.counters.messagesSent);
    await here.publish(message(1_000), []);
    expect(received[received.length - 1]).toBe(1_000);
  });

  it("acknowledges at once if it was told to, and counts what it could not hand over", async (context) => {
    const { url } = await startNatsServer(context);
    const received: number[] = [];
    const here = await started(natsBackplane([url], { acknowledge: "async", maxInFlightBytes: 100_000 }));
    const there = await started(natsBackplane([url]), received);
    await there.subscribed("t");
    for (let i = 0; i < 20; i++) expect(here.publish(message(i), [])).toBeUndefined();
    await vi.waitFor(() => expect(received).toHaveLength(here.counters.messagesSent));
    expect([here.counters.messagesSent + here.counters.messagesDropped, here.counters.messagesRefused]).toEqual([20, 0]);
    expect(here.counters.messagesDropped).toBeGreaterThan(0);
  });
});

describe("messages held while a broker joins", () => {
  it("are bounded, keep their order, and have one promise for all", async () => {
    const held = new HeldMessages(35_000);
    const promises = [1, 2, 3, 4].map((number) => held.add(message(number), []));
    expect([promises[1] === promises[0], promises[3]]).toEqual([true, undefined]);
    const published: number[] = [];
    held.release((got) => {
      published.push(numberOf(got));
      return undefined;
    });
    await promises[0];
    expect([published, held.add(message(5), []) === promises[0]]).toEqual([[1, 2, 3], false]);
  });

  it("fail with the first that fails, or with the broker", async () => {
    const held = new HeldMessages(100_000);
    const first = held.add(message(1), []);
    held.release(() => Promise.reject(new Error("no room")));
    await expect(first).rejects.toThrow("no room");
    const second = held.add(message(2), []);
    held.fail(new Error("stopped"));
    await expect(second).rejects.toThrow("stopped");
  });
});
