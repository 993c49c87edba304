import { describe, expect, it } from "vitest";
import type { Connection } from "../../src/connection/connection.js";
import { ConnectRequest } from "../../src/handlers/connect-request.js";

const PEER = { address: "203.0.113.7", port: 1_024, localAddress: "203.0.113.1", localPort: 1_883 };
const PACKET = { userName: "user", password: Uint8Array.of(1), version: 5, cleanStart: true } as ConstructorParameters<
  typeof ConnectRequest
>[1];

function request() {
  const asked = { times: 0 };
  const socket = {
    peer: () => {
      asked.times++;
      return PEER;
    },
  };
  const connection = { socket, listener: { name: "tcp" } } as unknown as Connection;
  return { request: new ConnectRequest(connection, PACKET, "client"), asked };
}

describe("what an authenticator is told of a CONNECT", () => {
  it("is all of it in a copy, the peer too", () => {
    const { userName, password, version, cleanStart } = PACKET;
    expect({ ...request().request }).toEqual({ clientId: "client", userName, password, version, cleanStart, listener: "tcp", peer: PEER });
  });

  it("asks for the peer when somebody wants to know", () => {
    const { request: asking, asked } = request();
    expect(asked.times).toBe(0);
    expect(asking.peer).toEqual(PEER);
    expect(asked.times).toBe(1);
  });

  it("shares its getter with all others, as V8 would keep each connection's own beyond its end", () => {
    const [one, other] = [request(), request()].map(({ request: each }) => Object.getOwnPropertyDescriptor(each, "peer")?.get);
    expect(one).toBeTypeOf("function");
    expect(one).toBe(other);
  });
});
