import type { Message } from "../message.js";

/** A shared group, and the broker that a message for it goes to. */
export interface GroupShare {
  readonly shareName: string;
  readonly filter: string;
  readonly broker: string;
}

/** A message that a broker has taken, under its number there, and that has not come everywhere yet: at QoS 2, or handed on in its groups. */
export interface Outgoing {
  readonly origin: string;
  readonly number: number;
  readonly message: Message;
  /** To all whose subscription is not shared. */
  readonly toSubscribers: boolean;
  readonly groups: readonly GroupShare[];
}

/** Names it: no other has the same. */
export const outgoingKey = ({ origin, number }: Pick<Outgoing, "origin" | "number">): string => `${origin} ${number}`;
