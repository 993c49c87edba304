import type { Qos } from "../codec/packet.js";

/**
 * One line of an access control list, wherever it was written: a file, a token's claims, an HTTP hook's answer.
 *
 * Rules are looked at in order and the first that applies decides.
 */
export interface AclRule {
  readonly permission: "allow" | "deny";
  readonly action: "publish" | "subscribe" | "all";
  /**
   * Topic filters, in which `%c` stands for the client identifier and `%u` for the user name. A topic matches as it does for a subscription;
   * a filter that is subscribed to has to be covered entirely to be allowed, and only touched to be denied.
   */
  readonly filters: readonly string[];
  /** Only at these levels. @default - every QoS */
  readonly qos?: readonly Qos[];
  /** Only published with, or without, RETAIN. @default - both */
  readonly retain?: boolean;
}
