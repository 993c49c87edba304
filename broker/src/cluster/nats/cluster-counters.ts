/** What goes on between brokers, as plain numbers. */
export class ClusterCounters {
  /** Messages handed to peers, each once for every peer that got it. */
  messagesSent = 0;
  messagesReceived = 0;
  /** Batches sent, those sent again included. */
  batchesSent = 0;
  batchesResent = 0;
  /** QoS 0 messages that a peer did not get, as too much was on its way to it or the engine was out of reach. */
  messagesDropped = 0;
  /** QoS 1 and 2 messages not accepted from clients for the same reasons. */
  messagesRefused = 0;
  /** Peers that this broker has declared dead. */
  peersDeclaredDead = 0;
  /** Sessions that came from brokers that live, and that went to them. */
  sessionsReceived = 0;
  sessionsHandedOver = 0;
  /** Sessions taken over from brokers that had left or died. */
  sessionsInherited = 0;
  /** How often this broker itself was taken for dead, and has come back. */
  fenced = 0;
  /** Records of the route log that could not be read, of a later version or damaged. */
  unreadableRecords = 0;
}
