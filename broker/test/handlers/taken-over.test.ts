import { beforeEach, describe, expect, it, vi } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { MemoryMessageStore } from "../../src/persistence/memory-message-store.js";
import { MemoryBackplane, Switchboard } from "../cluster/memory-backplane.js";
import { startBroker, type TestBroker } from "../support/start-broker.js";
import { TestClient } from "../support/test-client.js";
import { connectPacket } from "../support/test-client-packets.js";

/** Is not done with anything until the test says so. */
class SlowStore extends MemoryMessageStore {
  isSlow = false;
  finish = () => {};
  #pending: Promise<void> | undefined;

  override commit(): undefined {
    if (!this.isSlow) return undefined;
    this.#pending ??= new Promise((resolve) => {
      this.finish = resolve;
    });
    return this.#pending as never; // the memory store has nothing to wait for, and says so in its type
  }
}

const SESSION = { clientId: "c", properties: { sessionExpiryIntervalSeconds: 100 } };

describe("a client that another broker takes over", () => {
  let store: SlowStore;
  let here: TestBroker;
  let there: TestBroker;

  beforeEach(async () => {
    const board = new Switchboard();
    store = new SlowStore();
    here = await startBroker({ backplane: new MemoryBackplane(board), messages: store });
    there = await startBroker({ backplane: new MemoryBackplane(board) });
  });

  it("is told so [MQTT-3.1.4-3]", async () => {
    const before = await TestClient.connect(here.port, SESSION);
    await (await TestClient.connect(there.port, SESSION)).expectNothing();
    await before.expectDisconnect(ReasonCode.SessionTakenOver);
  });

  it("is not welcomed here any more if its session is only being stored", async () => {
    store.isSlow = true;
    const before = await TestClient.open(here.port);
    before.send(connectPacket(5, SESSION));
    await vi.waitFor(() => expect(here.broker.counters.sessionsCreated).toBe(1));
    const after = await TestClient.connect(there.port, SESSION);
    expect((await before.receive(PacketType.Connack)).reasonCode).toBe(ReasonCode.ServerBusy);
    await before.expectClosed();
    store.isSlow = false;
    store.finish();
    await after.expectNothing();
    expect(here.broker.counters.clientsConnected).toBe(0);
  });
});
