import { ReasonCode } from "../codec/reason-code.js";
import type { Answer, AuthenticationRequest, Authenticator, Refusal } from "./authenticator.js";
import { type CertificateName, certificateName } from "./certificate-name.js";

const WRONG_USER: Refusal = {
  allowed: false,
  reasonCode: ReasonCode.BadUserNameOrPassword,
  reasonString: "the user name is not the one in the certificate",
};
const WRONG_CLIENT: Refusal = {
  allowed: false,
  reasonCode: ReasonCode.ClientIdentifierNotValid,
  reasonString: "the client identifier is not the name in the certificate",
};

/** What of a certificate counts, and for what. */
export interface CertificateRules {
  /** What becomes the user name. */
  readonly userName: CertificateName;
  /** Whether the client identifier may be any, must be that name, or becomes it. */
  readonly clientId: "any" | "must-match" | "replaced";
  /** Whether a user name in CONNECT must be that name; otherwise it is not looked at. */
  readonly mustMatchUserName: boolean;
}

/**
 * Lets in who has shown a certificate, under a name in it. The transport has verified it by then, or a proxy has, as the PROXY protocol says.
 *
 * Who has shown none, or one without such a name, is left to the next.
 */
export class CertificateAuthenticator implements Authenticator {
  readonly #rules: CertificateRules;

  constructor(rules: CertificateRules) {
    this.#rules = rules;
  }

  authenticate({ clientId, userName, peer }: AuthenticationRequest): Answer {
    const certificate = peer.tls?.certificate;
    const name = certificate && certificateName(certificate, this.#rules.userName);
    if (name === undefined) return undefined;

    const { clientId: rule, mustMatchUserName } = this.#rules;
    if (mustMatchUserName && userName !== undefined && userName !== name) return WRONG_USER;
    if (rule === "must-match" && clientId !== name) return WRONG_CLIENT;
    return { allowed: true, userName: name, ...(rule === "replaced" && { clientId: name }) };
  }
}
