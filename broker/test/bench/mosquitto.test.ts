import { describe, expect, it } from "vitest";
import { mosquittoConfig } from "../../bench/mosquitto.js";

const START = { host: "127.0.0.1", port: 2001, folder: "/tmp" };

describe("mosquittoConfig()", () => {
  it("drops nothing and writes nothing", () => {
    const lines = mosquittoConfig(START, "me").split("\n");
    for (const line of ["listener 2001 127.0.0.1", "max_inflight_messages 0", "max_queued_messages 0", "persistence false", "user me"]) {
      expect(lines).toContain(line);
    }
    expect(lines.filter((line) => line.startsWith("listener "))).toHaveLength(1);
  });

  it("keeps sessions on disk, and asks for passwords and rights, where a row wants that", () => {
    const guard = { passwordFile: "/p", aclFile: "/a" };
    const lines = mosquittoConfig({ ...START, isDurable: true, guard }, "me").split("\n");
    for (const line of ["persistence true", "persistence_location /tmp/", "allow_anonymous false", "password_file /p", "acl_file /a"]) {
      expect(lines).toContain(line);
    }
  });

  it("has its certificate with the second listener", () => {
    const config = mosquittoConfig({ ...START, tls: { port: 2002, certFile: "c.pem", keyFile: "k.pem" } }, "me");
    expect(config).toContain("listener 2002 127.0.0.1\ncertfile c.pem\nkeyfile k.pem\n");
  });
});
