import { stringLength, Writer } from "../codec/writer.js";

/** A topic name that has been found valid, with the bytes it has in a PUBLISH. `R` is what the router remembers of it. */
export class Topic<R = unknown> {
  readonly name: string;
  /** The name as UTF-8 behind its length, as it goes on the wire. */
  readonly wire: Uint8Array;
  /** Who gets messages to this topic, while `generation` is the subscriptions' own. */
  routes: R | undefined = undefined;
  generation = -1;
  /** Whether a table keeps it, so that its routes stay in memory with it. */
  isRemembered = false;

  constructor(name: string, wire: Uint8Array) {
    this.name = name;
    this.wire = wire;
  }

  /** Throws RangeError for a name that MQTT cannot carry. */
  static named<R>(name: string): Topic<R> {
    const wire = new Uint8Array(stringLength(name, "topic"));
    new Writer(wire, 0).utf8(name);
    return new Topic<R>(name, wire);
  }
}
