/** What the process as a whole has too little of. Looked up where work would grow; never asks the system, so it costs two reads. */
export interface Overload {
  /** Memory is above its high watermark and was not below the low one since: nothing new may be kept. */
  readonly memory: boolean;
  /** The event loop runs late: nobody new is taken in. */
  readonly loop: boolean;
}

/** A process that is never overloaded. */
export const NO_OVERLOAD: Overload = { memory: false, loop: false };
