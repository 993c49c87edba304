import { describe, expect, it } from "vitest";
import type { AuthenticationRequest, Authenticator, Verdict } from "../../src/auth/authenticator.js";
import { PacketType } from "../../src/codec/packet.js";
import { isReasonCodeOf, ReasonCode } from "../../src/codec/reason-code.js";
import { ODD_REQUESTS, requestOf } from "./requests.js";

/** Requests whose answer a test knows for the authenticator at hand; any list may be empty. */
export interface KnownRequests {
  readonly admitted: readonly Partial<AuthenticationRequest>[];
  readonly refused: readonly Partial<AuthenticationRequest>[];
  /** Clients that it knows nothing about, and leaves to the next. */
  readonly unknown?: readonly Partial<AuthenticationRequest>[];
}

/** What the broker relies on in every authenticator. */
export function describeAuthenticator(name: string, create: () => Authenticator, { admitted, refused, unknown = [] }: KnownRequests): void {
  describe(name, () => {
    it("knows who may connect and who may not", async () => {
      for (const special of admitted) expect(await create().authenticate(requestOf(special))).toMatchObject({ allowed: true });
      for (const special of refused) expect(await create().authenticate(requestOf(special))).toMatchObject({ allowed: false });
      for (const special of unknown) expect(await create().authenticate(requestOf(special))).toBeUndefined();
    });

    it.each(ODD_REQUESTS)("has a well-formed verdict on %s [MQTT-3.2.2-8]", async (_, special) => {
      const authenticator = create();
      const answer = authenticator.authenticate(requestOf(special)); // outside of await: nothing may be thrown here
      const verdict = await answer;
      if (verdict !== undefined) expectWellFormed(verdict);
    });

    it("has the same verdict on the same request, and on many at once", async () => {
      const authenticator = create();
      const ask = async (special: Partial<AuthenticationRequest>) => authenticator.authenticate(requestOf(special));
      const mixed = [...admitted, ...refused, ...unknown, ...ODD_REQUESTS.map(([, special]) => special)];
      const together = await Promise.all(mixed.map(ask));
      for (const [i, special] of mixed.entries()) expect(await ask(special)).toEqual(together[i]);
    });

    it("leaves the request and its password as they were", async () => {
      const request = requestOf();
      await create().authenticate(Object.freeze(request));
      expect(request).toEqual(requestOf());
    });

    it("does not tell the password back", async () => {
      const secret = "s3cr3t-of-the-test";
      const verdict = await create().authenticate(requestOf({ password: Buffer.from(secret) }));
      expect(JSON.stringify(verdict ?? null)).not.toContain(secret);
    });
  });
}

/** An admission that names somebody, or a refusal that CONNACK can carry. */
export function expectWellFormed(verdict: Verdict): void {
  if (verdict.allowed) {
    expect(verdict.clientId).not.toBe("");
    return;
  }
  expect(verdict.reasonCode).not.toBe(ReasonCode.Success);
  expect(isReasonCodeOf(PacketType.Connack, verdict.reasonCode)).toBe(true);
  const redirects = verdict.reasonCode === ReasonCode.UseAnotherServer || verdict.reasonCode === ReasonCode.ServerMoved;
  if (verdict.serverReference !== undefined) expect(redirects).toBe(true);
}
