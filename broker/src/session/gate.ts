/**
 * While a session moves from one broker to another, each message to it comes by one of the two only: says by which. Where a broker's messages
 * change over, from one way to the other, is settled between the brokers.
 */
export interface Gate {
  /** Whether messages that this broker publishes are for the session here; undefined stands for our own clients'. */
  admits(broker: string | undefined): boolean;
  /**
   * Of a place that a session comes to: what is let in from that broker is not acknowledged before this resolves, when the messages of all brokers that
   * live have changed over. Its publisher could go to one that has yet to, and what it publishes there would come before.
   */
  changingOver?(broker: string | undefined): Promise<void> | undefined;
}
