/** Why a connection is not read from; bits, as several can hold at a time. */
export const Pause = {
  /** A packet is being decided on. */
  Held: 1,
  /** The client does not read what it is sent. */
  Full: 2,
  /** It has sent more than it may in the time. */
  Rate: 4,
  /** Its queue has overflowed, which ends the connection in a moment. */
  Overflow: 8,
} as const;

export type Pause = (typeof Pause)[keyof typeof Pause];
