import type { Delivery } from "./delivery.js";
import { nameOf } from "./had.js";

/** Of a publisher's messages to a topic at QoS 1: how many of the first part without a number are yet to come, and what of the second waits for them. */
interface Stream {
  ahead: number;
  readonly behind: Delivery[];
}

/**
 * What two parts of a session have, each in the order in which it came there: in an order that is both, and all of the first as early as that allows. What both
 * have is there once, as the first has it. What the first has of a publisher to a topic at QoS 1 without a number came before the session began to move, and so before what the second
 * has of that, whatever comes between.
 */
export function inOrderOfBoth(first: readonly Delivery[], second: readonly Delivery[]): readonly Delivery[] {
  const places = new Map<string, number>();
  for (const [place, delivery] of second.entries()) {
    const name = nameOf(delivery);
    if (name !== undefined) places.set(name, place);
  }
  const isCommon = new Set(first.map(nameOf));
  const streams = new Map<string, Stream>();
  for (const delivery of first) if (isUnnumbered(delivery)) streamIn(streams, delivery).ahead++;
  const merged: Delivery[] = [];
  let next = 0;
  const takeUpTo = (place: number) => {
    for (; next < place; next++) {
      const delivery = second[next]!;
      const name = nameOf(delivery);
      if (name !== undefined && isCommon.has(name)) continue;
      const stream = delivery.qos === 1 ? streams.get(streamOf(delivery)) : undefined;
      if (stream !== undefined && stream.ahead > 0) stream.behind.push(delivery);
      else merged.push(delivery);
    }
  };
  for (const delivery of first) {
    const place = places.get(nameOf(delivery) ?? "");
    if (place !== undefined) takeUpTo(place);
    merged.push(delivery);
    if (!isUnnumbered(delivery)) continue;
    const stream = streamIn(streams, delivery);
    if (--stream.ahead === 0) merged.push(...stream.behind);
  }
  takeUpTo(second.length);
  return merged;
}

function isUnnumbered({ qos, source }: Delivery): boolean {
  return qos === 1 && source === undefined;
}

function streamIn(streams: Map<string, Stream>, delivery: Delivery): Stream {
  const name = streamOf(delivery);
  let stream = streams.get(name);
  if (stream === undefined) {
    stream = { ahead: 0, behind: [] };
    streams.set(name, stream);
  }
  return stream;
}

/** Messages whose order counts among each other. */
function streamOf({ message: { publisher, topic } }: Delivery): string {
  return `${publisher} ${topic}`;
}
