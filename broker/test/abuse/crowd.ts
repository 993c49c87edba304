import { createConnection, type Socket } from "node:net";
import { encode } from "../../src/codec/codec.js";
import { type ConnectPacket, PacketType, type SubscribePacket } from "../../src/codec/packet.js";

/** A source address each for this many sockets in a row: ports of those before are in TIME_WAIT for a minute, and a kernel that finds no other soon keeps attackers busy. */
const SOCKETS_AN_ADDRESS = 2_000;
/** Not those of a campaign that has just ended. */
const NETWORK = 1 + (process.pid % 250);
let opened = 0;

/** Bytes of a CONNECT of 5.0. */
export function connectBytes(clientId: string, fields: Partial<ConnectPacket> = {}): Uint8Array {
  return encode({ type: PacketType.Connect, version: 5, cleanStart: true, keepAliveSeconds: 0, properties: {}, ...fields, clientId }, 5);
}

export function subscribeBytes(topicFilter: string): Uint8Array {
  const subscription = { topicFilter, qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
  const packet: SubscribePacket = { type: PacketType.Subscribe, packetId: 1, subscriptions: [subscription], properties: {} };
  return encode(packet, 5);
}

/** A socket of the crowd; it never throws, "close" tells its end. */
export function openSocket(port: number): Socket {
  const place = Math.floor(opened++ / SOCKETS_AN_ADDRESS);
  const localAddress = `127.${NETWORK}.${Math.floor(place / 250) % 250}.${1 + (place % 250)}`;
  const socket = createConnection({ host: "127.0.0.1", port, localAddress, noDelay: true });
  socket.on("error", () => {}); // "close" follows
  return socket;
}

/** Runs a task for each number below `count`, so many at a time. */
export async function each(count: number, concurrency: number, task: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, worker));
}

/**
 * Does something for each number below `count`, so many a millisecond, spread as by many machines. This process may wait for a core, and what it is late with is then made up for at
 * twice the pace, not at once: those machines would not have waited.
 */
export async function spread(count: number, perMs: number, act: (index: number) => void): Promise<void> {
  const startedAtMs = performance.now();
  for (let next = 0, most = 0; next < count; await new Promise((resolve) => setTimeout(resolve, 1))) {
    most = Math.min(count, (performance.now() - startedAtMs + 1) * perMs, next + Math.ceil(2 * perMs));
    while (next < most) act(next++);
  }
}

/** Resolves when the socket is connected, or has closed. */
export function connected(socket: Socket): Promise<void> {
  if (!socket.connecting) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once("connect", resolve);
    socket.once("close", () => resolve());
  });
}

export function closed(socket: Socket): Promise<void> {
  return socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once("close", () => resolve()));
}

/** The first bytes that come, or undefined if the socket closes before. */
export function firstBytes(socket: Socket): Promise<Uint8Array | undefined> {
  if (socket.closed) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    socket.once("data", resolve);
    socket.once("close", () => resolve(undefined));
  });
}

/** Sends CONNECT and resolves with the reason code of the answer; undefined if there was none. */
export async function tryConnect(socket: Socket, connect: Uint8Array): Promise<number | undefined> {
  socket.write(connect);
  return (await firstBytes(socket))?.[3];
}
