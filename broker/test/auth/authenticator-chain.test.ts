import { describe, expect, it } from "vitest";
import type { Answer, AuthenticationRequest, Authenticator, Verdict } from "../../src/auth/authenticator.js";
import { AuthenticatorChain } from "../../src/auth/authenticator-chain.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { Counters } from "../../src/sys/counters.js";
import { describeAuthenticator } from "./authenticator.suite.js";
import { ODD_REQUESTS, requestOf } from "./requests.js";

const WRONG: Verdict = { allowed: false, reasonCode: ReasonCode.BadUserNameOrPassword };
const NOBODY = { userName: undefined, password: undefined };

/** Knows some names, and refuses one that ends in "?"; keeps who asked. */
class Names implements Authenticator {
  readonly asked: (string | undefined)[] = [];
  readonly #names: readonly string[];
  readonly #isSlow: boolean;

  constructor(names: readonly string[], { isSlow = false } = {}) {
    this.#names = names;
    this.#isSlow = isSlow;
  }

  authenticate({ userName }: AuthenticationRequest): Answer | Promise<Answer> {
    this.asked.push(userName);
    const isKnown = userName !== undefined && this.#names.includes(userName);
    const answer: Answer = isKnown ? (userName.endsWith("?") ? WRONG : { allowed: true, userName: `${userName}!` }) : undefined;
    return this.#isSlow ? Promise.resolve(answer) : answer;
  }
}

function chainOf(authenticators: readonly Authenticator[], allowAnonymous = false) {
  const counters = new Counters();
  const chain = new AuthenticatorChain(authenticators, { allowAnonymous, counters });
  return {
    counters,
    ask: async (special: Partial<AuthenticationRequest>) => chain.authenticate(requestOf(special)),
  };
}

describe.each([
  ["at once", false],
  ["later", true],
])("AuthenticatorChain, of authenticators that answer %s", (_, isSlow) => {
  it("asks in order until one decides", async () => {
    const [first, second, third] = [["a"], ["b", "c?"], ["b", "c?", "d"]].map((names) => new Names(names, { isSlow }));
    const { ask } = chainOf([first!, second!, third!]);
    expect(await ask({ userName: "a" })).toEqual({ allowed: true, userName: "a!" });
    expect(await ask({ userName: "b" })).toEqual({ allowed: true, userName: "b!" });
    expect(await ask({ userName: "c?" })).toEqual(WRONG);
    expect(await ask({ userName: "d" })).toEqual({ allowed: true, userName: "d!" });
    expect([first, second, third].map((names) => names!.asked)).toEqual([["a", "b", "c?", "d"], ["b", "c?", "d"], ["d"]]);
  });

  it("refuses whom nobody knows", async () => {
    const { ask } = chainOf([new Names(["a"], { isSlow })]);
    expect(await ask({ userName: "b" })).toMatchObject({ allowed: false, reasonCode: ReasonCode.BadUserNameOrPassword });
    expect(await ask(NOBODY)).toMatchObject({ allowed: false, reasonCode: ReasonCode.NotAuthorized });
  });

  it("lets a client without user name and password in where that is allowed, and no other that nobody knows", async () => {
    const { ask } = chainOf([new Names(["a"], { isSlow })], true);
    expect(await ask(NOBODY)).toEqual({ allowed: true });
    const strangers = [
      { userName: "b" },
      { userName: "", password: undefined },
      { userName: undefined },
      { userName: "b", password: undefined },
    ];
    for (const stranger of strangers) expect(await ask(stranger)).toMatchObject({ allowed: false });
  });

  it("counts who got in, who did not and who found it busy, but not who is anonymous", async () => {
    const busy: Authenticator = { authenticate: () => ({ allowed: false, reasonCode: ReasonCode.ServerBusy }) };
    const { ask, counters } = chainOf([new Names(["a", "b?"], { isSlow })], true);
    for (const userName of ["a", "b?", "c"]) await ask({ userName });
    await ask(NOBODY);
    expect(counters).toMatchObject({ authenticationsSucceeded: 1, authenticationsFailed: 2, authenticationsBusy: 0 });
    const other = chainOf([busy]);
    await other.ask({});
    expect(other.counters).toMatchObject({ authenticationsSucceeded: 0, authenticationsFailed: 0, authenticationsBusy: 1 });
  });

  it("ends with one that fails, and asks nobody after it", async () => {
    const after = new Names(["user"]);
    const error = new Error("out of order");
    const failing: Authenticator = {
      authenticate: () => {
        if (isSlow) return Promise.reject(error);
        throw error;
      },
    };
    await expect(chainOf([failing, after], true).ask({})).rejects.toThrow("out of order");
    expect(after.asked).toEqual([]);
  });
});

describeAuthenticator("an empty AuthenticatorChain", () => new AuthenticatorChain([], { allowAnonymous: true, counters: new Counters() }), {
  admitted: [NOBODY],
  refused: [{}, ...ODD_REQUESTS.slice(1).map(([, special]) => special)].filter(
    (special) => !("version" in special && special.version === 3),
  ),
});
