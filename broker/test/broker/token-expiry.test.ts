import { describe, expect, it } from "vitest";
import type { Admission, AuthenticationRequest } from "../../src/auth/authenticator.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { TestClient } from "../support/test-client.js";
import { bytesOfText, will } from "../support/test-client-packets.js";
import { VERSIONS, withBroker } from "./support.js";

const HOUR_MS = 3_600_000;

/** Lets in everybody for as long as the user name says, in milliseconds; for ever without one. */
function until(nowMs: () => number) {
  return {
    authenticate: ({ userName }: AuthenticationRequest): Admission =>
      userName === undefined ? { allowed: true } : { allowed: true, expiresAtMs: nowMs() + Number(userName) },
  };
}

async function started() {
  let nowMs = () => 0;
  const broker = await withBroker({}, { authenticator: until(() => nowMs()) });
  nowMs = () => broker.clock.now();
  return broker;
}

describe("a client that may stay for a time", () => {
  it.each(VERSIONS)("is disconnected when it is over, in MQTT %s (5.0, 3.14.2.1)", async (_, version) => {
    const { port, clock } = await started();
    const client = await TestClient.connect(port, { version, userName: "3600000", password: bytesOfText("x") });
    clock.advance(HOUR_MS - 1_000);
    await client.expectNothing();
    clock.advance(2_000);
    await client.expectDisconnect(ReasonCode.MaximumConnectTime);
  });

  it("is disconnected however much it has to say, and its will is published", async () => {
    const { port, clock } = await started();
    const watcher = await TestClient.connect(port);
    await watcher.subscribe(["gone"]);
    const fields = { userName: "60000", keepAliveSeconds: 10, will: will("gone", "bye") };
    const client = await TestClient.connect(port, fields);
    for (let i = 0; i < 6; i++) {
      clock.advance(9_500);
      await client.expectNothing();
    }
    clock.advance(5_000);
    await client.expectDisconnect(ReasonCode.MaximumConnectTime);
    expect(await watcher.receiveTexts(1)).toEqual(["bye"]);
  });

  it("is disconnected at once if it is over already", async () => {
    const { port, clock } = await started();
    const client = await TestClient.connect(port, { userName: "-1" });
    clock.advance(1_000);
    await client.expectDisconnect(ReasonCode.MaximumConnectTime);
  });

  it("may come back with more time, and others stay as long as they like", async () => {
    const { port, clock } = await started();
    const forever = await TestClient.connect(port);
    const first = await TestClient.connect(port, { clientId: "a", userName: "60000" });
    clock.advance(30_000);
    const second = await TestClient.connect(port, { clientId: "a", userName: "60000" });
    await first.expectDisconnect(ReasonCode.SessionTakenOver);
    clock.advance(50_000);
    await second.expectNothing();
    clock.advance(11_000);
    await second.expectDisconnect(ReasonCode.MaximumConnectTime);
    clock.advance(HOUR_MS);
    await forever.expectNothing();
  });

  it("may have a time that is longer than the timer can hold", async () => {
    const { port, clock } = await started();
    const client = await TestClient.connect(port, { userName: String(300 * 365 * 24 * HOUR_MS) });
    clock.advance(HOUR_MS);
    await client.expectNothing();
  });

  it("leaves nothing behind when it goes", async () => {
    const { port, clock, broker } = await started();
    for (let i = 0; i < 20; i++) {
      const client = await TestClient.connect(port, { userName: "3000" });
      client.destroy();
    }
    const watcher = await TestClient.connect(port);
    await expect.poll(() => broker.counters.clientsConnected).toBe(1);
    clock.advance(10_000);
    await watcher.expectNothing();
    expect(broker.counters.disconnects[ReasonCode.MaximumConnectTime]).toBe(0);
  });
});
