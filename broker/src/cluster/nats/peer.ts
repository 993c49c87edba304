import type { PeerOrigin } from "../backplane.js";
import type { PeerInbox } from "./peer-inbox.js";
import type { PeerLink } from "./peer-link.js";
import type { Places } from "./places.js";

/** Another broker that has joined and not left. */
export interface Peer {
  readonly id: string;
  readonly link: PeerLink;
  readonly inbox: PeerInbox;
  /** Of what its clients publish. */
  readonly origin: PeerOrigin;
  /** The `place` of that: of the message that is being taken in. */
  readonly places: Places;
  /** It has left, and it is not known yet who has its sessions: what is for them waits. */
  isDead: boolean;
}
