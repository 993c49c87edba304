import { ReasonCode } from "../codec/reason-code.js";
import { NotAdmittedCause } from "../sys/counters.js";

/** Why a CONNECT is not taken, as its client is told. */
export interface Refusal {
  readonly cause: NotAdmittedCause;
  readonly reasonCode: ReasonCode;
  readonly reason: string;
}

/** Constant, as they are given by the thousand. */
export const REFUSAL = {
  memory: { cause: NotAdmittedCause.Memory, reasonCode: ReasonCode.QuotaExceeded, reason: "the broker has no memory for new clients" },
  loop: { cause: NotAdmittedCause.Loop, reasonCode: ReasonCode.ServerBusy, reason: "the broker is busy" },
  banned: { cause: NotAdmittedCause.Banned, reasonCode: ReasonCode.Banned, reason: "the client connects too often" },
  barred: { cause: NotAdmittedCause.Banned, reasonCode: ReasonCode.Banned, reason: "the client is banned" },
  full: {
    cause: NotAdmittedCause.Full,
    reasonCode: ReasonCode.QuotaExceeded,
    reason: "the broker has as many connections as it may",
  },
  perAddress: {
    cause: NotAdmittedCause.PerAddress,
    reasonCode: ReasonCode.QuotaExceeded,
    reason: "the client's address has as many connections as it may",
  },
  rate: { cause: NotAdmittedCause.Rate, reasonCode: ReasonCode.ConnectionRateExceeded, reason: "too many clients connect at once" },
} as const satisfies Record<string, Refusal>;
