import type { Place } from "../../persistence/taken-numbers.js";

/** Where QoS 1 messages are among those that a broker has published; one object serves one message after the other. */
export class Places implements Place {
  readonly origin: string;
  number = 0;

  constructor(broker: string) {
    this.origin = `${broker}+`; // apart from the numbers of QoS 2 messages
  }

  next(): Place {
    this.number++;
    return this;
  }

  /** The message under that number, for whoever keeps it. */
  at(number: number): Place | undefined {
    return number === 0 ? undefined : { origin: this.origin, number };
  }
}
