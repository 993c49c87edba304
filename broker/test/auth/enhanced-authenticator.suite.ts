import { describe, expect, it } from "vitest";
import type { ClientIdentity } from "../../src/auth/authorizer.js";
import type { Conclusion, EnhancedAuthenticator, EnhancedExchange, EnhancedRequest } from "../../src/auth/enhanced-authenticator.js";
import { expectWellFormed } from "./authenticator.suite.js";
import { ODD_REQUESTS, requestOf } from "./requests.js";

/** A client's side: the data of its next packet, given that of the broker's last one (undefined at first). */
export type ClientSide = (challenge: Uint8Array | undefined) => Uint8Array | undefined;

export interface KnownExchanges {
  /** What a client sends that knows its secret, anew for each exchange, and what one sends that does not. */
  readonly honest: () => ClientSide;
  readonly impostor: () => ClientSide;
  /** Who an honest client is admitted as. */
  readonly identity: ClientIdentity;
}

/** No method needs as many. */
const MAX_STEPS = 20;

const GARBAGE: readonly (Uint8Array | undefined)[] = [
  undefined,
  new Uint8Array(),
  new Uint8Array([0xff, 0x00, 0x80]),
  Buffer.from("n,,n=,r="),
  new Uint8Array(65_535).fill(0x2c),
];

/** What the broker relies on in every authenticator that talks by AUTH packets. */
export function describeEnhancedAuthenticator(
  name: string,
  create: () => EnhancedAuthenticator,
  { honest, impostor, identity }: KnownExchanges,
): void {
  describe(name, () => {
    const begin = (authenticator: EnhancedAuthenticator, special: Partial<EnhancedRequest> = {}) =>
      authenticator.begin({ ...requestOf({ clientId: identity.clientId, userName: undefined, password: undefined }), ...special });

    it("has a name for its method", () => {
      expect(create().method).not.toBe("");
    });

    it("admits a client that proves itself, under its name", async () => {
      const { verdict } = await converse(begin(create()), honest());
      expect(verdict).toMatchObject({ allowed: true, userName: identity.userName });
    });

    it("refuses a client that cannot", async () => {
      const { verdict, data } = await converse(begin(create()), impostor());
      expect([verdict.allowed, data]).toEqual([false, undefined]);
      expectWellFormed(verdict);
    });

    it("keeps exchanges apart that are under way at once", async () => {
      const authenticator = create();
      const sides = [honest(), impostor(), honest(), impostor()];
      const conclusions = await Promise.all(sides.map((side) => converse(begin(authenticator), side)));
      expect(conclusions.map(({ verdict }) => verdict.allowed)).toEqual([true, false, true, false]);
    });

    it("admits a client again that is connected, as the one it was (MQTT 5, 4.12.1)", async () => {
      const { verdict } = await converse(begin(create(), { reauthentication: identity }), honest());
      expect(verdict.allowed && (verdict.userName ?? identity.userName)).toBe(identity.userName);
    });

    it.each(ODD_REQUESTS)("comes to a well-formed end with %s and whatever data", async (_, special) => {
      const authenticator = create();
      for (const data of GARBAGE) expectWellFormed((await converse(authenticator.begin(requestOf(special)), () => data)).verdict);
    });
  });
}

async function converse(exchange: EnhancedExchange, client: ClientSide): Promise<Conclusion> {
  let challenge: Uint8Array | undefined;
  for (let count = 0; count < MAX_STEPS; count++) {
    const step = await exchange.step(client(challenge));
    if (step.done) return step;
    challenge = step.data;
  }
  throw new Error(`no conclusion after ${MAX_STEPS} steps`);
}
