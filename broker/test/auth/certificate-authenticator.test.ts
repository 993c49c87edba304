import { describe, expect, it } from "vitest";
import { CertificateAuthenticator, type CertificateRules } from "../../src/auth/certificate-authenticator.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { describeAuthenticator } from "./authenticator.suite.js";
import { requestOf } from "./requests.js";

const RULES: CertificateRules = { userName: "common-name", clientId: "any", mustMatchUserName: true };
const { peer } = requestOf();
const withCertificate = (commonName: string, subjectAltNames = "") => ({
  peer: { ...peer, tls: { version: "TLSv1.3", cipher: "", certificate: { commonName, subjectAltNames } } },
});
const DEVICE = withCertificate("device-1", "DNS:a.example");

describeAuthenticator("CertificateAuthenticator", () => new CertificateAuthenticator(RULES), {
  admitted: [
    { ...DEVICE, userName: undefined, password: undefined },
    { ...DEVICE, userName: "device-1" },
  ],
  refused: [DEVICE, { ...DEVICE, userName: "" }],
  unknown: [{}, withCertificate("", "DNS:a.example"), { peer: { ...peer, tls: { version: "TLSv1.3", cipher: "" } } }],
});

describe("CertificateAuthenticator", () => {
  const answer = (rules: Partial<CertificateRules>, special: Parameters<typeof requestOf>[0]) =>
    new CertificateAuthenticator({ ...RULES, ...rules }).authenticate(requestOf({ userName: undefined, password: undefined, ...special }));

  it("admits under the name in the certificate", () => {
    expect(answer({}, DEVICE)).toEqual({ allowed: true, userName: "device-1" });
    expect(answer({ userName: "dns" }, DEVICE)).toEqual({ allowed: true, userName: "a.example" });
    expect(answer({ userName: "uri" }, DEVICE)).toBeUndefined();
  });

  it("looks at the user name of CONNECT only if it has to match", () => {
    expect(answer({}, { ...DEVICE, userName: "other" })).toMatchObject({ allowed: false, reasonCode: ReasonCode.BadUserNameOrPassword });
    expect(answer({ mustMatchUserName: false }, { ...DEVICE, userName: "other" })).toEqual({ allowed: true, userName: "device-1" });
  });

  it("can want the client identifier to be that name, or make it so", () => {
    expect(answer({ clientId: "must-match" }, { ...DEVICE, clientId: "device-1" })).toMatchObject({ allowed: true });
    expect(answer({ clientId: "must-match" }, { ...DEVICE, clientId: "device-2" })).toMatchObject({
      allowed: false,
      reasonCode: ReasonCode.ClientIdentifierNotValid,
    });
    expect(answer({ clientId: "replaced" }, { ...DEVICE, clientId: "device-2" })).toEqual({
      allowed: true,
      userName: "device-1",
      clientId: "device-1",
    });
  });

  it("takes what a proxy tells, which may be the common name only", () => {
    const told = { peer: { ...peer, tls: { version: "", cipher: "", certificate: { commonName: "device-1", subjectAltNames: "" } } } };
    expect(answer({}, told)).toEqual({ allowed: true, userName: "device-1" });
    expect(answer({ userName: "dns" }, told)).toBeUndefined();
  });
});
