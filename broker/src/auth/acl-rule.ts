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
   * Topic filters, in which `%c` or `${clientid}` stands for the client identifier and `%u` or `${username}` for the user name. A topic
   * matches as it does for a subscription; a filter that is subscribed to has to be covered entirely by one of them to be allowed, and only
   * touched to be denied. What follows `eq ` is no filter but the very text that is published or subscribed to.
   *
   * @default - every topic, `$SYS/…` included
   */
  readonly filters?: readonly string[];
  /** Only at these levels. @default - every QoS */
  readonly qos?: readonly Qos[];
  /** Only published with, or without, RETAIN; it says nothing about subscriptions. @default - both */
  readonly retain?: boolean;
}

/** For clients that may do everything. */
export const SUPERUSER: AclRule = { permission: "allow", action: "all" };
