import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { leanSockets } from "../../../src/transport/node/lean-sockets.js";

const MODULE = new URL("../../../src/transport/node/lean-sockets.ts", import.meta.url);
const V8_OF_NODE_20 = "11.3.244.8-node.38";
const V8_OF_NODE_22 = "12.4.254.21-node.35";
/** After so many connections everything is compiled; so many more are measured. */
const FIRST = 300;
const MORE = 1_000;
/** A server that tells its port, and then what MORE connections have added to the old generation. */
const SCRIPT = `
import { createServer } from "node:net";
import { getHeapSpaceStatistics } from "node:v8";
import { leanSockets } from ${JSON.stringify(MODULE.href)};
const oldBytes = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === "old_space").space_used_size;
const accepted = [];
let before;
const server = createServer({ noDelay: true, highWaterMark: 0 }, (socket) => {
  accepted.push(socket);
  if (accepted.length === ${FIRST}) {
    gc();
    before = oldBytes();
  }
  if (accepted.length === ${FIRST + MORE}) console.log(oldBytes() - before);
});
server.listen(0, "127.0.0.1", () => {
  leanSockets(server, 0);
  console.log(server.address().port);
});
`;

async function listening(): Promise<Server> {
  const server = createServer({ noDelay: true, highWaterMark: 0 });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

async function clientOf(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** What can be told of a socket that a server accepted, but for who is at its other end. */
async function acceptedBy(server: Server): Promise<object> {
  const accepted = once(server, "connection");
  const client = await clientOf((server.address() as AddressInfo).port);
  const [socket] = (await accepted) as [Socket];
  onTestFinished(() => void socket.destroy());
  expect(socket.remotePort).toBe(client.localPort);
  const { allowHalfOpen, readable, writable, readableHighWaterMark, writableHighWaterMark, remoteAddress, pending, readyState } = socket;
  const { emitClose, autoDestroy } = (socket as unknown as { readonly _writableState: Record<string, unknown> })._writableState;
  return {
    ...{ allowHalfOpen, readable, writable, readableHighWaterMark, writableHighWaterMark, remoteAddress, pending, readyState },
    ...{ emitClose, autoDestroy },
  };
}

describe("leanSockets()", () => {
  it("makes the sockets that node:net makes", async () => {
    const [usual, lean] = [await listening(), await listening()];
    expect(leanSockets(lean, 0, V8_OF_NODE_20)).toBe(true);
    expect(await acceptedBy(lean)).toEqual(await acceptedBy(usual));
  });

  it("leaves it to Node.js where its V8 is mended", async () => {
    expect(leanSockets(await listening(), 0, V8_OF_NODE_22)).toBe(false);
  });

  it("leaves a server alone that does not listen", () => {
    expect(leanSockets(createServer(), 0, V8_OF_NODE_20)).toBe(false);
  });

  it("lets the server tell of connections that could not be accepted", async () => {
    const server = await listening();
    leanSockets(server, 0, V8_OF_NODE_20);
    const failed = once(server, "error");
    (server as unknown as { _handle: { onconnection(error: number): void } })._handle.onconnection(-24);
    expect((await failed)[0]).toMatchObject({ code: "EMFILE", syscall: "accept" });
  });

  it("leaves less than 400 bytes of a connection in the old generation before anything is collected", async () => {
    const flags = ["--expose-gc", "--min-semi-space-size=32", "--max-semi-space-size=32"];
    const tsx = ["--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href, "--input-type=module"];
    const server = spawn(process.execPath, [...flags, ...tsx, "--eval", SCRIPT], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void server.kill());
    const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
    const number = async () => Number((await lines.next()).value);
    const port = await number();
    for (let count = 0; count < FIRST + MORE; count++) await clientOf(port);
    expect((await number()) / MORE).toBeLessThan(400);
  });
});
