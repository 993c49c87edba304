/** A message or a subscription could not be handed to the other brokers, or not be known to have been. */
export class PeerError extends Error {
  override readonly name = "PeerError";
}

/** For what is published while the engine is out of reach. */
export function outOfReach(): Error {
  return new PeerError("the other brokers cannot be reached");
}
