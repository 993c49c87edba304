import { describe, expect, it } from "vitest";
import { formatPasswordHash, parsePasswordHash, passwordHashProblem } from "../../src/auth/password-hash.js";
import { hashWith } from "../../src/auth/password-hashing.js";

const SHA512 = Buffer.alloc(64, 7).toString("base64");

describe("parsePasswordHash()", () => {
  it.each([
    // The first two are mosquitto_passwd 2.0.11's, for "secret" and "six"; the third is RFC 7914's last but one, in the PHC form.
    ["secret", "$7$101$uAg0X3Fw7tgSj4N2$cVWq/pd15e95MHtT5I+zwrWD1sjpkKXzrxlIg8j/xVzlT9eNMa5SA+yxhue9UlovZQ2d/DEbYb1UTir0dq0edg=="],
    ["six", "$6$8I/wrNLhBmmje3Cn$CXziuSzAPsrKyBLJyyqu5kOQ07+6KqlIeQ+yOR6UZgxTnB7XdY97qmFunyzZ5BNu+b/svi89Nbk5qMlIUgaT6A=="],
    [
      "pleaseletmein",
      "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw",
    ],
  ])("reads what %j was hashed to by others", async (password, text) => {
    const kept = parsePasswordHash(text)!;
    expect((await hashWith(kept, Buffer.from(password))).equals(kept.hash)).toBe(true);
    expect((await hashWith(kept, Buffer.from(`${password} `))).equals(kept.hash)).toBe(false);
    expect(formatPasswordHash(kept)).toBe(text);
  });

  it("reads the hash of $6$ in hexadecimal too, as the chart generated-secret writes it", () => {
    const base64 = "CXziuSzAPsrKyBLJyyqu5kOQ07+6KqlIeQ+yOR6UZgxTnB7XdY97qmFunyzZ5BNu+b/svi89Nbk5qMlIUgaT6A==";
    const hexadecimal = Buffer.from(base64, "base64").toString("hex");
    expect(parsePasswordHash(`$6$8I/wrNLhBmmje3Cn$${hexadecimal}`)).toEqual(parsePasswordHash(`$6$8I/wrNLhBmmje3Cn$${base64}`));
    expect(parsePasswordHash(`$6$8I/wrNLhBmmje3Cn$${hexadecimal.slice(1)}`)).toBeUndefined();
  });

  it.each([
    ["nothing", ""],
    ["plain text", "secret"],
    ["no iterations", `$7$0$c2FsdA==$${SHA512}`],
    ["more iterations than one check may take", `$7$10000001$c2FsdA==$${SHA512}`],
    ["iterations that are no number", `$7$1e3$c2FsdA==$${SHA512}`],
    ["no salt", `$7$101$$${SHA512}`],
    ["a short hash", "$7$101$c2FsdA==$c2hvcnQ="],
    ["a hash that is not base64", `$7$101$c2FsdA==$${SHA512.slice(0, -3)}!==`],
    ["a field more", `$7$101$c2FsdA==$${SHA512}$`],
    ["a field less", `$6$${SHA512}`],
    ["another scheme", `$5$c2FsdA==$${SHA512}`],
    ["scrypt that takes 512 MiB", "$scrypt$ln=19,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    ["scrypt that takes for ever", "$scrypt$ln=14,r=8,p=9999$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    ["scrypt without costs", "$scrypt$ln=0,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    ["scrypt with a short hash", "$scrypt$ln=14,r=8,p=1$c2FsdHNhbHQ$AAAA"],
    ["scrypt with its parameters in another order", "$scrypt$r=8,ln=14,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    ["SCRAM's keys", "$scram-sha-256$4096$c2FsdA==$a2V5$a2V5"],
  ])("refuses %s, and says what to do without showing it", (_, text) => {
    expect(parsePasswordHash(text)).toBeUndefined();
    const problem = passwordHashProblem(text);
    expect(problem).toContain("mqttd passwd");
    if (text.length > 8) expect(problem).not.toContain(text);
  });
});
