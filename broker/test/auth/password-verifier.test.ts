import { describe, expect, it } from "vitest";
import { keptPassword } from "../../src/auth/new-password.js";
import { PasswordVerifier, type PasswordVerifierOptions } from "../../src/auth/password-verifier.js";
import { SettableClock } from "../support/settable-clock.js";

const SECRET = Buffer.from("secret");
const kept = async (password = "secret") => (await keptPassword(password, "pbkdf2-sha512", 1_000))!;

function verifierWith(options: Partial<PasswordVerifierOptions> = {}): PasswordVerifier {
  const limits = { maxConcurrent: 1, maxWaiting: 1_000, maxWaitMs: 60_000, cacheEntries: 100 };
  return new PasswordVerifier({ clock: new SettableClock(), ...limits, ...options });
}

describe("PasswordVerifier", () => {
  it.each(["scrypt", "pbkdf2-sha512"] as const)("knows a right password from a wrong one, kept by %s", async (scheme) => {
    const verifier = verifierWith();
    const hash = (await keptPassword("secret", scheme, scheme === "scrypt" ? 10 : 101))!;
    expect(await verifier.check(SECRET, hash)).toBe("right");
    for (const wrong of ["", "secret ", "Secret", "secre"]) expect(await verifier.check(Buffer.from(wrong), hash)).toBe("wrong");
  });

  it("remembers what was right, and answers at once the next time", async () => {
    const verifier = verifierWith();
    const hash = await kept();
    expect(verifier.check(SECRET, hash)).toBeInstanceOf(Promise);
    expect(await verifier.check(SECRET, hash)).toBe("right");
    expect(verifier.check(SECRET, hash)).toBe("right");
    const changed = await kept();
    expect(verifier.check(SECRET, changed)).toBeInstanceOf(Promise);
    expect(await verifier.check(Buffer.from("wrong"), hash)).toBe("wrong");
    expect(verifier.check(Buffer.from("wrong"), hash)).toBeInstanceOf(Promise);
  });

  it("remembers so many and no more, and none where that is wanted", async () => {
    const verifier = verifierWith({ cacheEntries: 2 });
    const hashes = await Promise.all([kept(), kept(), kept()]);
    for (const hash of hashes) await verifier.check(SECRET, hash);
    expect(hashes.map((hash) => verifier.check(SECRET, hash) === "right")).toEqual([false, true, true]);
    const forgetful = verifierWith({ cacheEntries: 0 });
    await forgetful.check(SECRET, hashes[0]!);
    expect(forgetful.check(SECRET, hashes[0]!)).toBeInstanceOf(Promise);
  });

  it("is busy for those who come when enough wait already, and makes the same check once for all who ask meanwhile", async () => {
    const verifier = verifierWith({ maxWaiting: 2 });
    const hash = await kept();
    const guesses = Array.from({ length: 300 }, (_, i) => Buffer.from(`guess ${i}`));
    const answers = guesses.map((guess) => verifier.check(guess, hash));
    expect(answers.filter((answer) => answer instanceof Promise)).toHaveLength(3);
    expect(answers.filter((answer) => answer === "busy")).toHaveLength(297);
    const again = Array.from({ length: 100 }, () => verifier.check(guesses[0]!, hash));
    expect(new Set(again)).toEqual(new Set([answers[0]]));
    expect(await Promise.all(answers.slice(0, 3))).toEqual(["wrong", "wrong", "wrong"]);
    expect(await verifier.check(SECRET, hash)).toBe("right");
  });

  it("is busy for those who have waited for so long that they must have gone", async () => {
    const clock = new SettableClock();
    const verifier = verifierWith({ clock, maxWaitMs: 10_000 });
    const hash = await kept();
    const first = verifier.check(Buffer.from("a"), hash);
    const second = verifier.check(Buffer.from("b"), hash);
    clock.nowMs += 10_001;
    expect([await first, await second]).toEqual(["wrong", "busy"]);
    expect(await verifier.check(Buffer.from("b"), hash)).toBe("wrong");
  });

  it("leaves the event loop to others while it hashes", async () => {
    const verifier = verifierWith();
    const hash = (await keptPassword("secret", "pbkdf2-sha512", 200_000))!;
    let turns = 0;
    let isDone = false;
    const check = Promise.resolve(verifier.check(SECRET, hash)).then((answer) => {
      isDone = true;
      return answer;
    });
    while (!isDone) {
      turns++;
      await new Promise(setImmediate);
    }
    expect(await check).toBe("right");
    expect(turns).toBeGreaterThan(10);
  });
});
