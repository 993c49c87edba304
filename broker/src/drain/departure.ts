import { ReasonCode } from "../codec/reason-code.js";

/** What clients are told that have to go, or may not come, because the broker stops. */
export interface Departure {
  readonly reasonCode: ReasonCode;
  readonly serverReference: string | undefined;
}

export interface DepartureSettings {
  /** Another server, if there is one. */
  readonly serverReference: string | undefined;
  /** Whether clients are sent there for this time, or for good. */
  readonly redirect: "use-another-server" | "server-moved";
}

/** For DISCONNECT. */
export function departure(settings: DepartureSettings): Departure {
  return leavingBecause(ReasonCode.ServerShuttingDown, settings);
}

/** For CONNACK, which has no Server shutting down (3.2.2.2). */
export function refusal(settings: DepartureSettings): Departure {
  return leavingBecause(ReasonCode.ServerUnavailable, settings);
}

function leavingBecause(without: ReasonCode, { serverReference, redirect }: DepartureSettings): Departure {
  if (serverReference === undefined) return { reasonCode: without, serverReference };
  return { reasonCode: redirect === "server-moved" ? ReasonCode.ServerMoved : ReasonCode.UseAnotherServer, serverReference };
}
