import { describe, expect, it } from "vitest";
import { certificateName } from "../../src/auth/certificate-name.js";

const CERTIFICATE = {
  commonName: "device-1",
  subjectAltNames: "IP Address:10.0.0.1, DNS:a.example, email:a@example, URI:urn:dev:1, DNS:b.example, URI:urn:dev:2",
};

describe("certificateName()", () => {
  it.each([
    ["common-name", "device-1"],
    ["dns", "a.example"],
    ["email", "a@example"],
    ["uri", "urn:dev:1"],
  ] as const)("takes the first of its kind: %s", (where, name) => {
    expect(certificateName(CERTIFICATE, where)).toBe(name);
  });

  it.each(["common-name", "dns", "email", "uri"] as const)("is undefined where there is none: %s", (where) => {
    expect(certificateName({ commonName: "", subjectAltNames: "" }, where)).toBeUndefined();
    expect(certificateName({ commonName: "", subjectAltNames: "IP Address:::1" }, where)).toBeUndefined();
  });

  it("is not fooled by a name that looks like the beginning of another (CVE-2021-44532)", () => {
    const subjectAltNames = 'URI:"urn:x, DNS:admin", othername:<unsupported>, DNS:device-1';
    expect(certificateName({ commonName: "", subjectAltNames }, "dns")).toBe("device-1");
    expect(certificateName({ commonName: "", subjectAltNames }, "uri")).toBe("urn:x, DNS:admin");
    expect(certificateName({ commonName: "", subjectAltNames: 'URI:"urn:\\"x, DNS:admin' }, "dns")).toBeUndefined();
  });

  it.each(["a\0b", "a\nb", "\x7f"])("is never one with control characters: %j", (commonName) => {
    expect(certificateName({ commonName, subjectAltNames: `DNS:${JSON.stringify(commonName)}` }, "common-name")).toBeUndefined();
    expect(certificateName({ commonName, subjectAltNames: `DNS:${JSON.stringify(commonName)}` }, "dns")).toBeUndefined();
  });
});
