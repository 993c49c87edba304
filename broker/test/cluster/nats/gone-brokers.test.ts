import { expect, it, onTestFinished, vi } from "vitest";
import { baseFrame, groupFrames } from "../../../src/cluster/nats/journal-frames.js";
import { encodeFrame } from "../../../src/cluster/nats/peer-frames.js";
import { encodeRecord } from "../../../src/cluster/nats/route-records.js";
import { journalOf } from "../../../src/cluster/nats/session-streams.js";
import { ByteWriter } from "../../../src/journal/byte-writer.js";
import { writeSession } from "../../../src/persistence/records.js";
import { TestClient } from "../../support/test-client.js";
import { TestCluster } from "./test-cluster.js";

const SLOW = { timeout: 60_000 };
/** The first of all that could take over from others. */
const GONE = "gone-00000000";
const HEIR = "heir-00000001";
const LASTING = { clientId: "c", cleanStart: false, properties: { sessionExpiryIntervalSeconds: 3_600 } };
const ADOPTED = encodeRecord({ type: "adopted", broker: GONE, marks: new Map() });

it(
  "who joins takes no broker for a member that the log says others have taken over from, though not that it has left",
  SLOW,
  async (context) => {
    const cluster = await TestCluster.start(context);
    const engine = await cluster.engine();
    const here = await cluster.broker();
    await engine.append(`mqttd.test.r.${GONE}`, encodeRecord({ type: "joined" }));
    await engine.append("mqttd.test.r.stranger", ADOPTED);
    const there = await cluster.broker();
    expect(there.backplane.peers).toEqual([here.backplane.brokerId]);
    const client = await TestClient.connect(here.port, LASTING);
    client.destroy();
    await client.closed;
    await here.stop();
    // Nobody else can do that.
    const again = await TestClient.connect(there.port, LASTING);
    expect(again.connack.sessionPresent).toBe(true);
  },
);

it("what a broker says to have that was taken for dead before is taken over by another", SLOW, async (context) => {
  const cluster = await TestCluster.start(context);
  const engine = await cluster.engine();
  const { store } = await cluster.broker();
  const out = new ByteWriter();
  const times = { expirySeconds: 3_600, disconnectedAtMs: Date.now() };
  writeSession(out, 1, { clientId: "c", userName: undefined, will: undefined, ...times });
  const { subject } = journalOf("mqttd.test", 2, GONE);
  for (const frame of [baseFrame(0), ...groupFrames(1, out.bytes.subarray(0, out.length), 100_000)]) await engine.append(subject, frame);
  for (const broker of [GONE, HEIR]) await engine.append(`mqttd.test.r.${broker}`, encodeRecord({ type: "joined" }));
  await engine.append("mqttd.test.r.stranger", encodeRecord({ type: "left", broker: HEIR }));
  await engine.append(`mqttd.test.r.${HEIR}`, ADOPTED);
  await vi.waitFor(() => expect(store.sessions.size).toBe(1), { timeout: 20_000 });
});

it("whoever takes over from a broker takes out of the log what those have written that it had taken over from", SLOW, async (context) => {
  const cluster = await TestCluster.start(context);
  const engine = await cluster.engine();
  await cluster.broker();
  for (const broker of [GONE, HEIR]) await engine.append(`mqttd.test.r.${broker}`, encodeRecord({ type: "joined" }));
  await engine.append(`mqttd.test.r.${HEIR}`, ADOPTED);
  await engine.append("mqttd.test.r.stranger", encodeRecord({ type: "left", broker: HEIR }));
  const written = () => Promise.all([GONE, HEIR].map((broker) => engine.lastMessage("mqttd_test_routes", `mqttd.test.r.${broker}`)));
  await vi.waitFor(async () => expect(await written()).toEqual([undefined, undefined]), { timeout: 20_000 });
});

it("a broker that hears a peer for long whose record it has not read joins anew", SLOW, async (context) => {
  const cluster = await TestCluster.start(context);
  const engine = await cluster.engine();
  const { backplane } = await cluster.broker();
  const before = backplane.brokerId!;
  const heartbeat = encodeFrame(new ByteWriter(), { type: "heartbeat", from: "stranger", sequence: 1, isReady: true });
  const timer = setInterval(() => engine.publish("mqttd.test.h", heartbeat), 500);
  onTestFinished(() => clearInterval(timer));
  await vi.waitFor(() => expect(backplane.brokerId).not.toBe(before), { timeout: 20_000 });
});
