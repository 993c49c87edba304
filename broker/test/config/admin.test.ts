import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config/load-config.js";
import { problemsOf, sources } from "./problems-of.js";

const LONG = "0123456789abcdef";

describe("the admin port", () => {
  it("is open to this machine, and needs tokens to be open to others", () => {
    expect(loadConfig(sources({})).admin).toMatchObject({ host: "127.0.0.1", port: 18_083, tokens: undefined, isLoopback: true });
    expect(problemsOf({ file: "admin: {host: 0.0.0.0}" })).toEqual([
      'admin.host is "0.0.0.0"; other machines can reach it, and there are no tokens: name admin.tokensFile, or listen on 127.0.0.1 (mend it in mqttd.yaml)',
    ]);
    const { admin } = loadConfig(sources({ file: "admin: {host: 0.0.0.0, tokensFile: t}", others: { t: `admin ${LONG}` } }));
    expect(admin).toMatchObject({ isLoopback: false, tokens: [{ scope: "admin", name: "line 1" }] });
  });

  it("can be left out", () => {
    expect(loadConfig(sources({ file: "admin: {port: off}" })).admin).toBeUndefined();
  });

  it("takes tokens as they are, or their digests, with comments between them", () => {
    const digest = "9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f"; // sha256 of LONG
    const text = `# tokens\n\nread ${LONG}\tgrafana of team a\r\nadmin sha256:${digest.toUpperCase()} ops\n`;
    const { admin } = loadConfig(sources({ file: "admin: {tokensFile: t}", others: { t: text } }));
    expect(admin?.tokens).toEqual([
      { scope: "read", name: "grafana of team a", digest },
      { scope: "admin", name: "ops", digest },
    ]);
  });

  it.each([
    ["", "it holds no token"],
    ["admin short", "the token in line 1 has less than 16 characters"],
    [`root ${LONG}`, "line 1 is not read or admin, a token and perhaps a name"],
    [`read ${LONG}\n${LONG}`, "line 2 is not read or admin"],
  ])("refuses a file of tokens with %j, and does not show what it holds", (text, problem) => {
    const [found = ""] = problemsOf({ file: "admin: {tokensFile: t}", others: { t: text } });
    expect(found).toContain(problem);
    expect(found).not.toContain(LONG);
  });
});
