import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { bytesOf, hexOf } from "../codec/hex.js";
import { withBroker } from "./support.js";

const CONNECT = bytesOf("10 0d | 00 04 'MQTT' 04 | 02 | 00 3c | 00 01 'c'");
const CONNACK = "20 02 00 00";

/** A WebSocket to a broker of its own, and the MQTT bytes that come by it. */
async function webSocket(
  protocols: string[],
): Promise<{ socket: WebSocket; receive: (length: number) => Promise<string>; closed: Promise<number> }> {
  const { port } = await withBroker({ listeners: [{ name: "ws", host: "127.0.0.1", port: 0, transport: "ws", path: "/mqtt" }] });
  const socket = new WebSocket(`ws://127.0.0.1:${port}/mqtt`, protocols);
  onTestFinished(() => socket.terminate());
  let bytes = Buffer.alloc(0);
  let wake = () => {};
  socket.on("message", (message: Buffer) => {
    bytes = Buffer.concat([bytes, message]);
    wake();
  });
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  await new Promise<void>((resolve, reject) => {
    socket.on("open", resolve);
    socket.on("error", reject);
  });
  const receive = async (length: number) => {
    while (bytes.length < length) await new Promise<void>((resolve) => (wake = resolve));
    const taken = bytes.subarray(0, length);
    bytes = bytes.subarray(length);
    return hexOf(taken);
  };
  return { socket, receive, closed };
}

describe("MQTT over WebSocket", () => {
  it("is the sub-protocol mqtt, whatever else is offered [MQTT-6.0.0-4], 3.1.1 [MQTT-6.0.0-4]", async () => {
    const { socket, receive } = await webSocket(["other", "mqtt"]);
    expect(socket.protocol).toBe("mqtt");
    socket.send(CONNECT);
    expect(await receive(4)).toBe(CONNACK);
  });

  it("need not keep packets and frames together [MQTT-6.0.0-2], 3.1.1 [MQTT-6.0.0-2]", async () => {
    const { socket, receive } = await webSocket(["mqtt"]);
    for (const byte of CONNECT) socket.send(Uint8Array.of(byte));
    expect(await receive(4)).toBe(CONNACK);
    socket.send(bytesOf("c0 00 c0 00 c0"));
    socket.send(bytesOf("00"));
    expect(await receive(6)).toBe("d0 00 d0 00 d0 00");
  });

  it("ends with a frame that is not binary [MQTT-6.0.0-1], 3.1.1 [MQTT-6.0.0-1]", async () => {
    const { socket, receive, closed } = await webSocket(["mqtt"]);
    socket.send(CONNECT);
    await receive(4);
    socket.send("text");
    expect(await closed).toBe(1003);
  });
});
