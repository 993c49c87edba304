/** A message or a subscription could not be handed to the other brokers, or not be known to have been. */
export class PeerError extends Error {
  override readonly name = "PeerError";
}
