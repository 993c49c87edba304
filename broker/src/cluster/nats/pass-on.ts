import type { Message } from "../../message.js";
import { type EntryDetails, readBatch } from "./message-batch.js";
import type { Batch } from "./peer-link.js";
import type { PeerMessagesOptions } from "./peer-messages-options.js";
import type { Places } from "./places.js";

export interface PassingOn {
  /** The dead peer. */
  readonly estate: string;
  /** Of what is published here. */
  readonly places: Places;
  /** Puts a message into batches to all that live. */
  readonly send: (estate: string, message: Message, about: EntryDetails, place: number) => readonly Batch[];
}

export interface PassedOn {
  readonly passedOn: readonly Batch[];
  /** Settle when what has come to sessions here is durable. */
  readonly delivered: readonly Promise<void>[];
}

/** A batch that a dead peer has not accepted goes to whoever has the sessions that it was for. */
export function passOn(
  { bytes }: Batch,
  { estate, places, send }: PassingOn,
  { deliver, self, kept }: Pick<PeerMessagesOptions, "deliver" | "self" | "kept">,
): PassedOn {
  const passedOn: Batch[] = [];
  const delivered: Promise<void>[] = [];
  const add = (wait: void | Promise<void>) => {
    if (wait !== undefined) delivered.push(wait);
  };
  readBatch(bytes, {
    message: (message, to, { source, isAgain = false }, number) => {
      if (message.qos === 0) return;
      const wasHad = source !== undefined && kept!.wasHadForGroup(estate, source);
      for (const group of wasHad ? [] : to.groups) {
        if (source !== undefined) kept!.dealt(source, estate);
        add(deliver(message, { toSubscribers: false, groups: [group] }, { broker: self, source }));
      }
      if (!to.toSubscribers) return;
      passedOn.push(...send(estate, message, { source, isAgain }, number));
      const place = places.at(number);
      add(deliver(message, { toSubscribers: true, groups: [] }, { broker: self, estate, source, isAgain, place }));
    },
    mark: () => {},
    session: () => {},
  });
  return { passedOn, delivered };
}
