/**
 * "starting" until all listeners are bound; "cut off" while other brokers cannot be reached, or do not know of this one;
 * "evacuating" while operators have clients moved away; "draining" from the first request to stop on; "stopped" once the stores are closed.
 */
export type Readiness = "starting" | "ready" | "cut off" | "evacuating" | "draining" | "stopped";
