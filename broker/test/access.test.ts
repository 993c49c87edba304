import { describe, expect, it } from "vitest";
import { createAccess } from "../src/access.js";
import { keptPassword } from "../src/auth/new-password.js";
import { configFrom } from "../src/config/load-config.js";
import { Counters } from "../src/sys/counters.js";
import { requestOf } from "./auth/requests.js";
import { files } from "./config/problems-of.js";
import { RecordingLog } from "./log/recording-log.js";
import { SettableClock } from "./support/settable-clock.js";

const texts = {
  users: `user:${await keptPassword("password", "pbkdf2-sha512", 101)}\n`,
  scram: `user:${await keptPassword("password", "scram-sha-256", 4_096)}\n`,
};

function accessFor(settings: Readonly<Record<string, unknown>>) {
  const counters = new Counters();
  const access = createAccess(configFrom(settings, files(texts)), { log: new RecordingLog(), clock: new SettableClock(), counters });
  const outcome = async (listener: string, special = {}) => {
    const verdict = await access.authenticatorFor(listener).authenticate(requestOf(special));
    return verdict?.allowed;
  };
  return { access, counters, outcome };
}

const NOBODY = { userName: undefined, password: undefined };

describe("createAccess()", () => {
  it("lets everyone in by listeners without authentication, and nobody by one that there is not", async () => {
    const { access, outcome } = accessFor({});
    expect(await outcome("tcp:default")).toBe(true);
    expect(await outcome("tcp:default", NOBODY)).toBe(true);
    expect(await outcome("other")).toBe(false);
    expect([access.authorizer, access.enhancedFor("tcp:default").size, access.enhancedFor("other").size]).toEqual([null, 0, 0]);
  });

  it("gives each listener what it is said to have", async () => {
    const listeners = [
      { name: "a", port: 1 },
      { name: "b", port: 2, allowAnonymous: true },
      { name: "c", port: 3, authentication: [{ type: "scram", file: "scram" }] },
    ];
    const { access, outcome } = accessFor({ passwordFile: "users", listeners });
    expect(await Promise.all(["a", "b", "c"].map((name) => outcome(name)))).toEqual([true, true, false]);
    expect(await Promise.all(["a", "b", "c"].map((name) => outcome(name, NOBODY)))).toEqual([false, true, false]);
    expect(["a", "b", "c"].map((name) => [...access.enhancedFor(name).keys()])).toEqual([[], [], ["SCRAM-SHA-256"]]);
  });

  it("makes what listeners share once: a password that was right on one is known on the other", async () => {
    const { access } = accessFor({ passwordFile: "users" });
    const [tcp, ws] = ["tcp:default", "ws:default"].map((name) => access.authenticatorFor(name));
    expect(await tcp!.authenticate(requestOf())).toEqual({ allowed: true });
    expect(ws!.authenticate(requestOf())).toEqual({ allowed: true }); // at once, without a hash
  });

  it("that is closed answers those who still ask", async () => {
    const { access, outcome } = accessFor({ passwordFile: "users" });
    const before = outcome("tcp:default");
    await access.close();
    expect([await before, await outcome("tcp:default", { password: Buffer.from("wrong") })]).toEqual([true, false]);
  });
});
