import { PacketType } from "../codec/packet.js";
import { isReasonCodeOf, ReasonCode } from "../codec/reason-code.js";
import type { Refusal, Verdict } from "./authenticator.js";
import type { ClientIdentity } from "./authorizer.js";

const OTHER_IDENTITY: Refusal = {
  allowed: false,
  reasonCode: ReasonCode.NotAuthorized,
  reasonString: "re-authentication must not change who the client is",
};

/**
 * The verdict on a client that proves itself anew (MQTT 5, 4.12.1): an admission under another name is a refusal, because what the client
 * subscribed to was allowed to the one it was. A refusal gets a reason code that DISCONNECT can carry.
 */
export function reauthenticationVerdict(client: ClientIdentity, verdict: Verdict): Verdict {
  if (!verdict.allowed) return isReasonCodeOf(PacketType.Disconnect, verdict.reasonCode) ? verdict : notAuthorized(verdict);

  const { clientId = client.clientId, userName = client.userName } = verdict;
  return clientId === client.clientId && userName === client.userName ? verdict : OTHER_IDENTITY;
}

/** BadUserNameOrPassword, ServerUnavailable and others are CONNACK's only (3.14.2.1). */
function notAuthorized(refusal: Refusal): Refusal {
  return { ...refusal, reasonCode: ReasonCode.NotAuthorized };
}
