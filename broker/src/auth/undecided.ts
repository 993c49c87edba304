/** Nothing can be said about what a client may do, now, for a reason that has been logged already. It counts as no. */
export class Undecided extends Error {
  override readonly name = "Undecided";
}
