import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { settingsText, summaryText } from "../../src/cli/config-text.js";
import { loadConfig, loadSettings } from "../../src/config/load-config.js";
import { makeCertificates } from "../support/certificates.js";
import { type Given, problemsOf, sources } from "./problems-of.js";

const HASH = "$7$101$uAg0X3Fw7tgSj4N2$cVWq/pd15e95MHtT5I+zwrWD1sjpkKXzrxlIg8j/xVzlT9eNMa5SA+yxhue9UlovZQ2d/DEbYb1UTir0dq0edg==";
const SCRAM =
  "$scram-sha-256$4096$W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=$wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
const others = { users: `alice:${HASH}\n`, more: `bob:${HASH}\n`, scram: `carol:${SCRAM}\n` };

const accessOf = (given: Given) =>
  loadConfig(sources({ others, ...given })).listeners.map(({ authentication, allowAnonymous }) => ({
    types: authentication.map(({ type }) => type),
    users: authentication.flatMap((entry) => ("users" in entry ? [...entry.users.keys()] : [])),
    allowAnonymous,
  }));

describe("authentication", () => {
  it("is none by default, and then anyone may connect from this machine", () => {
    expect(accessOf({})).toEqual(Array(2).fill({ types: [], users: [], allowAnonymous: true }));
  });

  it("by a password file can be said shortly, and closes loopback to those without a name", () => {
    const closed = { types: ["password-file"], users: ["alice"], allowAnonymous: false };
    expect(accessOf({ flags: { "--password-file": "users" } })).toEqual([closed, closed]);
    expect(accessOf({ env: { MQTTD_PASSWORD_FILE: "users" } })).toEqual([closed, closed]);
    expect(accessOf({ file: "passwordFile: users\nallowAnonymous: true\nwsPort: off" })).toEqual([{ ...closed, allowAnonymous: true }]);
  });

  it("lets a listener be reached from elsewhere", () => {
    expect(accessOf({ file: "host: 0.0.0.0\nwsPort: off\npasswordFile: users" })).toMatchObject([{ allowAnonymous: false }]);
    expect(accessOf({ file: "listeners: [{port: 1, host: '::'}]\nauthentication: [{type: scram, file: scram}]" })).toEqual([
      { types: ["scram"], users: ["carol"], allowAnonymous: false },
    ]);
  });

  it("is a list in order, which a listener replaces with its own", () => {
    const file = `
authentication: [{type: certificate}, {type: password-file, file: users}]
listeners:
  - {port: 1}
  - {port: 2, authentication: [{type: password-file, file: more}, {type: scram, file: scram}]}
  - {port: 3, authentication: []}`;
    expect(accessOf({ file })).toEqual([
      { types: ["certificate", "password-file"], users: ["alice"], allowAnonymous: false },
      { types: ["password-file", "scram"], users: ["bob", "carol"], allowAnonymous: false },
      { types: [], users: [], allowAnonymous: true },
    ]);
  });

  it("of listeners that share it is read once, and is one object", () => {
    const { listeners } = loadConfig(sources({ others, file: "passwordFile: users" }));
    expect(listeners[0]!.authentication[0]).toBe(listeners[1]!.authentication[0]);
  });

  it("has defaults for certificates", () => {
    const { listeners } = loadConfig(sources({ file: "authentication: [{type: certificate}]\nproxyProtocol: true\nwsPort: off" }));
    expect(listeners[0]!.authentication).toEqual([
      { type: "certificate", userName: "common-name", clientId: "any", mustMatchUserName: true },
    ]);
  });

  it.each<[string, string, readonly (string | RegExp)[]]>([
    [
      "a file that is not there",
      "passwordFile: nope",
      [/^passwordFile is "nope"; it cannot be read: ENOENT.*; name a file that the broker may read \(mend it in mqttd.yaml\)$/],
    ],
    [
      "every bad line of a file, by its number",
      "authentication: [{type: password-file, file: bad}]",
      [
        /^authentication\[0\].file is "bad"; line 2 is no user:hash \(/,
        /^authentication\[0\].file is "bad"; line 3 \(user "bob"\) has a password that is not hashed: mqttd passwd -U hashes it \(/,
        /^authentication\[0\].file is "bad"; line 4 \(user "alice"\) is the same user as line 1 \(/,
      ],
    ],
    [
      "a file of the other kind",
      "authentication: [{type: password-file, file: scram}, {type: scram, file: users}]",
      [
        /^authentication\[0\].file is "scram"; line 1 \(user "carol"\) is for SCRAM/,
        /^authentication\[1\].file is "users"; line 1 \(user "alice"\) has no \$scram/,
      ],
    ],
    [
      "bad files of listeners",
      "listeners: [{port: 1}, {port: 2, authentication: [{type: password-file, file: bad3}, {type: scram, file: nope}]}]",
      [
        /^listeners\[1\].authentication\[0\].file is "bad3"; line 1/,
        /^listeners\[1\].authentication\[1\].file is "nope"; it cannot be read/,
      ],
    ],
    [
      "the short and the long form together",
      "passwordFile: users\nauthentication: [{type: scram, file: scram}]",
      [/^passwordFile is "users"; authentication replaces it/],
    ],
    ["an unknown type", "authentication: [{type: ldap}]", [/^authentication\[0\].type is "ldap"; it takes one of .*password-file.*/]],
    ["no type", "authentication: [{file: users}]", [/^authentication\[0\].type is not set; it takes one of /]],
    ["a missing field", "authentication: [{type: scram}]", [/^authentication\[0\].file is not set; it takes the path of a file/]],
    [
      "an unknown field",
      "authentication: [{type: certificate, usrName: dns}, {type: scram, file: scram}]",
      [/^authentication\[0\].usrName is no setting; did you mean authentication\[0\].userName\?/],
    ],
    [
      "a wrong field",
      "authentication: [{type: certificate, userName: cn}]",
      [/^authentication\[0\].userName is "cn"; it takes one of common-name, dns, email, uri/],
    ],
    ["no list", "authentication: users", [/^authentication is .*; it takes a list/]],
    [
      "nobody being able to connect",
      "allowAnonymous: false",
      [/^allowAnonymous is false; without authentication nobody could connect: set passwordFile or authentication/],
    ],
    [
      "only certificates, where no client can show one",
      "wsPort: off\nauthentication: [{type: certificate}]",
      [/^tlsClientCertificate is "none" by default; no client can show a certificate here, and nothing else is asked for/],
    ],
    [
      "two files for SCRAM",
      "authentication: [{type: scram, file: scram}, {type: scram, file: scram}]",
      [/^authentication\[1\].type is "scram"; .*put all users into one file/],
    ],
  ])("refuses %s", (_, file, expected) => {
    const bad = `alice:${HASH}\nnonsense\nbob:s3cret\nalice:${HASH}\n`;
    const problems = problemsOf({ file, others: { ...others, bad, bad3: "x:s3cret" } });
    expect(problems).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
    expect(problems.join("\n")).not.toMatch(/s3cret|uAg0X3Fw7tgSj4N2/);
  });

  it("says no more than ten bad lines one by one", () => {
    const users = Array.from({ length: 1_000 }, (_, i) => `user${i}:plain`).join("\n");
    const problems = problemsOf({ file: "passwordFile: users", others: { users } });
    expect(problems).toHaveLength(11);
    expect(problems.at(-1)).toContain("990 more of its lines are wrong");
  });

  it("with a mistake draws no others after it", () => {
    expect(problemsOf({ file: "host: 0.0.0.0\nauthentication: [{type: ldap}]" })).toHaveLength(1);
    expect(problemsOf({ file: "listeners: [{port: 1, host: '::', authentication: [{type: ldap}]}]" })).toHaveLength(1);
  });

  it("is told by config check, and printed without what is in its files", (context) => {
    const { ca, server } = makeCertificates(context);
    const file = `
authentication: [{type: certificate}, {type: password-file, file: users}]
listeners:
  - {port: 1, allowAnonymous: true}
  - {port: 2, transport: tls, tls: {certFile: cert, keyFile: key, caFile: ca, clientCertificate: request}}`;
    const given = sources({ file, others: { ...others, cert: server.cert, key: server.key, ca: ca.cert } });
    const { config, settings } = loadSettings(given);
    expect(summaryText(config)).toContain("tcp on 127.0.0.1:1, authentication: certificate, password-file, or no user name\n");
    expect(summaryText(config)).toContain("client certificate: request, authentication: certificate, password-file\n");
    const printed = settingsText(settings);
    expect(printed).not.toContain(HASH);
    expect(parse(printed).authentication).toEqual([
      { type: "certificate", userName: "common-name", clientId: "any", mustMatchUserName: true },
      { type: "password-file", file: "users" },
    ]);
  });
});
