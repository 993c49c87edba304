import { expect, it } from "vitest";
import { decodeSession, encodeSession } from "../../src/persistence/session-records.js";

const SESSION = { clientId: "c", userName: "u", expirySeconds: 60, disconnectedAtMs: 5, will: undefined };

it.each([{}, { arrivingFrom: "peer", moves: 3 }, { moves: 300, mayLack: true }])(
  "where a session is on its way to another broker is read as it was written: %j",
  (inCluster) => {
    const session = { ...SESSION, ...inCluster };
    const whole = { session, subscriptions: [], messages: { deliveries: [], received: [] } };
    expect(decodeSession(encodeSession(whole))?.session).toEqual(session);
  },
);
