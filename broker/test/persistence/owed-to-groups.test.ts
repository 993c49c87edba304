import { expect, it } from "vitest";
import type { Qos } from "../../src/codec/packet.js";
import { owedByCleanSessions, owedByPlace } from "../../src/persistence/owed-to-groups.js";
import { StoreReplay } from "../../src/persistence/store-replay.js";
import { Delivery, DeliveryState } from "../../src/session/delivery.js";
import { messageOf } from "../session/support.js";

const SESSION = { clientId: "lasting", userName: undefined, expirySeconds: 60, disconnectedAtMs: 5, will: undefined };
const { Queued, Sent, Released } = DeliveryState;

it("what a dead broker's clean sessions owed goes to other members, except at QoS 2 what they may have been sent [MQTT-4.8.2-5]", () => {
  const replay = new StoreReplay();
  replay.session(1, SESSION);
  for (const [queue, clientId] of ["lasting", "clean", "content"].entries()) replay.queue(queue + 1, clientId);
  replay.body(1, messageOf("x"));
  const add = (queue: number, sequence: number, qos: Qos, state: DeliveryState) =>
    replay.delivery(queue, 1, {
      ...{ sequence, qos, state, retain: false, identifiers: undefined, sharedFilter: "$share/g/t", packetId: 0, source: undefined },
    });
  add(1, 1, 1, Sent);
  for (const [sequence, qos, state] of [
    ...[[5, 1, Queued] as const, [4, 2, Queued] as const],
    ...[[3, 2, Released] as const, [2, 2, Sent] as const, [1, 1, Sent] as const],
  ])
    add(2, sequence, qos, state);
  add(3, 1, 2, Sent);
  const found = owedByCleanSessions(replay).map(({ clientId, deliveries }) => [clientId, deliveries.map(({ sequence }) => sequence)]);
  expect(found).toEqual([["clean", [1, 4, 5]]]);
});

it("of what came to a place for a session, its groups' other members are owed what came for those", () => {
  const shared = { topicFilter: "$share/g/t", shared: { shareName: "g", filter: "t" } };
  const deliveries = [undefined, shared].map((of, index) => new Delivery(index + 1, messageOf("x"), 1, false, undefined, of));
  const messages = { deliveries, received: [] };
  expect(owedByPlace({ session: { ...SESSION, arrivingFrom: "peer" }, messages }).deliveries).toEqual([deliveries[1]]);
  expect(owedByPlace({ session: SESSION, messages }).deliveries).toEqual([]);
});
