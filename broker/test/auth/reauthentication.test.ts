import { describe, expect, it } from "vitest";
import type { Verdict } from "../../src/auth/authenticator.js";
import { reauthenticationVerdict } from "../../src/auth/reauthentication.js";
import { PacketType } from "../../src/codec/packet.js";
import { isReasonCodeOf, ReasonCode } from "../../src/codec/reason-code.js";

const ALICE = { clientId: "client", userName: "alice" };
const ANONYMOUS = { clientId: "client", userName: undefined };

describe("reauthenticationVerdict()", () => {
  it.each<[Verdict]>([
    [{ allowed: true }],
    [{ allowed: true, userName: "alice" }],
    [{ allowed: true, userName: "alice", clientId: "client" }],
  ])("lets a client go on that is still the same: %j", (verdict) => {
    expect(reauthenticationVerdict(ALICE, verdict)).toBe(verdict);
  });

  it.each<[Verdict]>([[{ allowed: true, userName: "bob" }], [{ allowed: true, userName: "" }], [{ allowed: true, clientId: "other" }]])(
    "refuses a client that would become another: %j",
    (verdict) => {
      expect(reauthenticationVerdict(ALICE, verdict)).toMatchObject({ allowed: false, reasonCode: ReasonCode.NotAuthorized });
    },
  );

  it("refuses an anonymous client that would get a name", () => {
    expect(reauthenticationVerdict(ANONYMOUS, { allowed: true, userName: "alice" }).allowed).toBe(false);
  });

  it("turns every refusal of CONNACK into one that DISCONNECT can carry, and keeps those that it can (3.14.2.1)", () => {
    for (const reasonCode of Object.values(ReasonCode)) {
      if (reasonCode < ReasonCode.UnspecifiedError || !isReasonCodeOf(PacketType.Connack, reasonCode)) continue;
      const verdict = reauthenticationVerdict(ALICE, { allowed: false, reasonCode, reasonString: "why" });
      if (verdict.allowed) expect.fail("admitted");
      expect(isReasonCodeOf(PacketType.Disconnect, verdict.reasonCode)).toBe(true);
      expect(verdict.reasonString).toBe("why");
      if (isReasonCodeOf(PacketType.Disconnect, reasonCode)) expect(verdict.reasonCode).toBe(reasonCode);
      else expect(verdict.reasonCode).toBe(ReasonCode.NotAuthorized);
    }
  });
});
