/*
 * bun broker/bench/null-broker.ts --port 1883: carries bytes between publishers and subscribers without looking into them, to find what the
 * load generator itself can do. Reads CONNECT, SUBSCRIBE and the first PUBLISH of a connection; whatever follows goes to the subscribers of
 * that first topic, and whatever a subscriber sends back goes to the publisher. Acknowledgements pass from end to end that way.
 */
import { parseArgs } from "node:util";
import { nativeNetwork, type Wire, type WireReceiver } from "../src/bench/wire.js";
import { decode, encode } from "../src/codec/codec.js";
import { packetLength } from "../src/codec/frame.js";
import { type Packet, PacketType, type ProtocolVersion } from "../src/codec/packet.js";

interface Route {
  readonly subscribers: Wire[];
  publisher?: Wire;
}

const { values } = parseArgs({ options: { host: { type: "string", default: "127.0.0.1" }, port: { type: "string", default: "1883" } } });
const routes = new Map<string, Route>();
(await nativeNetwork()).listen(values.host, Number(values.port), accept);

function accept(): WireReceiver {
  let version: ProtocolVersion = 4;
  let forward: ((bytes: Uint8Array) => void) | undefined;

  return {
    onOpen() {},
    onClose() {},
    onData(wire, bytes) {
      if (forward !== undefined) {
        forward(bytes);
        return;
      }
      const packet = decode(bytes, 0, packetLength(bytes, 0, bytes.length), version);
      if (packet.type === PacketType.Connect) version = packet.version;
      forward = answer(wire, packet, version);
      if (packet.type === PacketType.Publish) forward?.(bytes);
    },
  };
}

/** Returns where later bytes go, once that is known. */
function answer(wire: Wire, packet: Packet, version: ProtocolVersion): ((bytes: Uint8Array) => void) | undefined {
  switch (packet.type) {
    case PacketType.Connect:
      wire.write(encode({ type: PacketType.Connack, sessionPresent: false, reasonCode: 0, properties: {} }, version));
      return undefined;
    case PacketType.Subscribe: {
      const { topicFilter, qos } = packet.subscriptions[0]!;
      const route = routeOf(topicFilter);
      route.subscribers.push(wire);
      wire.write(encode({ type: PacketType.Suback, packetId: packet.packetId, properties: {}, reasonCodes: [qos] }, version));
      return (bytes) => route.publisher?.write(bytes);
    }
    case PacketType.Publish: {
      const route = routeOf(packet.topic);
      route.publisher = wire;
      const { subscribers } = route;
      return (bytes) => {
        for (const subscriber of subscribers) subscriber.write(bytes);
      };
    }
    default:
      throw new Error(`packet of type ${packet.type} before anything is routed`);
  }
}

function routeOf(topic: string): Route {
  const known = routes.get(topic);
  if (known !== undefined) return known;
  const route: Route = { subscribers: [] };
  routes.set(topic, route);
  return route;
}
