import { createHash } from "node:crypto";
import { ReasonCode } from "../codec/reason-code.js";
import type { Answer, AuthenticationRequest, Authenticator, Refusal, Verdict } from "./authenticator.js";
import type { PasswordCheck, PasswordVerifier } from "./password-verifier.js";

const WELCOME: Verdict = { allowed: true };
const WRONG: Refusal = { allowed: false, reasonCode: ReasonCode.BadUserNameOrPassword };
const BUSY: Refusal = { allowed: false, reasonCode: ReasonCode.ServerBusy };

/** Users whose hashes stand in for those of users that there are not; they show what hashes of this file cost. */
const STAND_INS = 1_000;

/**
 * Lets in who knows the password of a user in a file.
 *
 * A user that is not in it costs as much time as one that is, so that nobody can find out who is.
 */
export class PasswordFileAuthenticator implements Authenticator {
  readonly #users: ReadonlyMap<string, string>;
  readonly #standIns: readonly string[];
  readonly #passwords: PasswordVerifier;

  /** `users` holds the part of each line after the colon. */
  constructor(users: ReadonlyMap<string, string>, passwords: PasswordVerifier) {
    this.#users = users;
    this.#standIns = [...users.values()].slice(0, STAND_INS);
    this.#passwords = passwords;
  }

  authenticate({ userName, password }: AuthenticationRequest): Answer | Promise<Answer> {
    if (userName === undefined || password === undefined || this.#users.size === 0) return undefined;
    const kept = this.#users.get(userName);
    const answer = kept === undefined ? answerToStranger : answerToUser;
    const check = this.#passwords.check(password, kept ?? this.#standIn(userName));
    return check instanceof Promise ? check.then(answer) : answer(check);
  }

  /** Always the same for the same name, as it would be if there were such a user. */
  #standIn(userName: string): string {
    const number = createHash("sha256").update(userName).digest().readUInt32LE();
    return this.#standIns[number % this.#standIns.length]!;
  }
}

function answerToUser(check: PasswordCheck): Answer {
  return check === "right" ? WELCOME : check === "wrong" ? WRONG : BUSY;
}

/** Who happens to know the password of the user that stood in is no less a stranger. */
function answerToStranger(check: PasswordCheck): Answer {
  return check === "busy" ? BUSY : undefined;
}
