import { describe, expect, it } from "vitest";
import type { Step } from "../../src/auth/enhanced-authenticator.js";
import { keptPassword } from "../../src/auth/new-password.js";
import { ScramAuthenticator } from "../../src/auth/scram-authenticator.js";
import { ReasonCode } from "../../src/codec/reason-code.js";
import { describeEnhancedAuthenticator } from "./enhanced-authenticator.suite.js";
import { ScramClient, type ScramClientOptions } from "./scram-client.js";

const kept = async (password: string) => (await keptPassword(password, "scram-sha-256", 4_096))!;
const USERS = new Map([
  ["alice", await kept("secret")],
  ["a,b=c", await kept("comma")],
  ["IX", await kept("roman")],
]);

const clientOf = (password: string) => new ScramClient({ userName: "alice", password });

describeEnhancedAuthenticator("ScramAuthenticator", () => new ScramAuthenticator(USERS), {
  honest: () => clientOf("secret").side,
  impostor: () => clientOf("wrong").side,
  identity: { clientId: "client", userName: "alice" },
});

describe("SCRAM-SHA-256", () => {
  it("is as in RFC 7677, 3", async () => {
    // The keys are those of the password "pencil" with this salt, made by Python's hashlib.
    const nonce = "rOprNGfwEbeRWgbNEkqO";
    const salt = "W22ZaJ0SNY7soEsUEjb6gQ==";
    const storedKey = "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=";
    const serverKey = "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
    const users = new Map([["user", `$scram-sha-256$4096$${salt}$${storedKey}$${serverKey}`]]);
    const exchange = new ScramAuthenticator(users, { newNonce: () => "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0" }).begin();
    expect(textOf(exchange.step(Buffer.from(`n,,n=user,r=${nonce}`)) as Step)).toBe(
      "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    );
    const final = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    const end = exchange.step(Buffer.from(final)) as Step;
    expect(textOf(end)).toBe("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    expect(end).toMatchObject({ done: true, verdict: { allowed: true, userName: "user" } });
  });

  it("proves the broker to the client", () => {
    const client = clientOf("secret");
    const { end } = converse(client);
    expect(end).toMatchObject({ done: true, verdict: { allowed: true, userName: "alice" } });
    expect(textOf(end)).toBe(client.serverSignature);
  });

  it.each([
    ["a comma and an equals sign in the name", { userName: "a=2Cb=3Dc", password: "comma" }, "a,b=c"],
    ["a name that SASLprep changes", { userName: "\u2168", password: "roman" }, "IX"],
    ["a client that could bind channels, but not here", { userName: "alice", password: "secret", header: "y,," }, "alice"],
    ["the same name to act as", { userName: "alice", password: "secret", header: "n,a=alice," }, "alice"],
    [
      "an extension that need not be understood",
      { userName: "alice", password: "secret", twist: (text: string) => `${text},x=1` },
      "alice",
    ],
  ] as const)("admits %s", (_, options: ScramClientOptions, userName) => {
    expect(converse(new ScramClient(options)).end).toMatchObject({ verdict: { allowed: true, userName } });
  });

  it.each<[string, Partial<ScramClientOptions>]>([
    ["channel binding", { header: "p=tls-exporter,," }],
    ["another name to act as", { header: "n,a=bob," }],
    ["no header", { header: "" }],
    ["a header that does not end", { header: "n," }],
    ["an extension that must be understood", { header: "n,,m=1," }],
    ["no name", { userName: "" }],
    ["a name with an equals sign", { userName: "a=b" }],
    ["a name with a control character", { userName: "ali\x07ce" }],
    ["no nonce", { nonce: "" }],
    ["a nonce with a space", { nonce: "a b" }],
    ["a message of 5,000 bytes", { nonce: "x".repeat(5_000) }],
  ])("refuses a first message with %s", (_, options) => {
    const { challenge, end } = converse(new ScramClient({ userName: "alice", password: "secret", ...options }));
    expect(challenge).toBeUndefined();
    expect(end).toEqual({ done: true, verdict: { allowed: false, reasonCode: ReasonCode.NotAuthorized } });
  });

  it.each([
    ["another nonce", (text: string) => `${text}x`],
    ["its own part of the nonce only", () => "c=biws,r=fyko+d2lbbFgONRv9qkxdawL"],
    ["another header than it began with", (text: string) => text.replace("biws", "eSws")],
    ["no header", (text: string) => text.replace("c=biws,", "")],
  ])("refuses a last message with %s, though it is signed well", (_, twist) => {
    const { challenge, end } = converse(new ScramClient({ userName: "alice", password: "secret", twist }));
    expect(challenge).toBeDefined();
    expect(end).toEqual({ done: true, verdict: { allowed: false, reasonCode: ReasonCode.NotAuthorized } });
  });

  it("does not take the same proof twice, as the nonce is new each time", () => {
    const authenticator = new ScramAuthenticator(USERS);
    const client = clientOf("secret");
    const first = authenticator.begin();
    const proof = client.last(textOf(first.step(Buffer.from(client.first())) as Step)!);
    const second = authenticator.begin();
    void second.step(Buffer.from(client.first()));
    expect(second.step(Buffer.from(proof))).toMatchObject({ verdict: { allowed: false } });
    expect(first.step(Buffer.from(proof))).toMatchObject({ verdict: { allowed: true } });
  });

  it("does not tell who there is: a stranger gets a salt too, the same after the broker starts again", () => {
    const challengeFor = (userName: string) => converse(new ScramClient({ userName, password: "x" })).challenge!;
    const fields = (userName: string) => challengeFor(userName).split(",").slice(1);
    const [stranger, again, other, alice] = [fields("stranger"), fields("stranger"), fields("other"), fields("alice")];
    expect(stranger).toEqual(again);
    expect(stranger).not.toEqual(other);
    expect([stranger[0]!.length, stranger[1]]).toEqual([alice[0]!.length, alice[1]]);
    for (const userName of ["stranger", "alice"]) {
      expect(converse(new ScramClient({ userName, password: "x" })).end).toEqual({
        done: true,
        verdict: { allowed: false, reasonCode: ReasonCode.NotAuthorized },
      });
    }
  });

  it("refuses everyone if the file is empty", () => {
    expect(converse(clientOf("secret"), new ScramAuthenticator(new Map())).end).toMatchObject({ verdict: { allowed: false } });
  });
});

/** One exchange to its end. */
function converse(client: ScramClient, authenticator = new ScramAuthenticator(USERS)) {
  const exchange = authenticator.begin();
  const first = exchange.step(Buffer.from(client.first())) as Step;
  if (first.done) return { challenge: undefined, end: first };
  const challenge = textOf(first)!;
  return { challenge, end: exchange.step(Buffer.from(client.last(challenge))) as Step };
}

function textOf({ data }: Step): string | undefined {
  return data === undefined ? undefined : Buffer.from(data).toString();
}
