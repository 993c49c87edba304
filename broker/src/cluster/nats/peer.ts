import type { PeerInbox } from "./peer-inbox.js";
import type { PeerLink } from "./peer-link.js";

/** Another broker that has joined and not left. */
export interface Peer {
  readonly id: string;
  readonly link: PeerLink;
  readonly inbox: PeerInbox;
}
