/**
 * While a session moves from one broker to another, each message to it comes by one of the two only: says by which. Where a broker's messages
 * change over, from one way to the other, is settled between the brokers.
 */
export interface Gate {
  /** Whether messages that this broker publishes are for the session here; undefined stands for our own clients'. */
  admits(broker: string | undefined): boolean;
  /**
   * Of a place that a session comes to: resolves when the messages of all brokers have changed over. What has come here is not acknowledged before:
   * its publisher could go to a broker that has yet to change over, and what it publishes there would come before.
   */
  readonly changedOver?: Promise<void> | undefined;
}
