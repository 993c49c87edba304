import { expect, it, type TestContext } from "vitest";
import { effectiveSettings } from "../../src/config/effective-settings.js";
import { configFrom } from "../../src/config/load-config.js";
import { makeCertificates } from "../support/certificates.js";
import { files } from "./problems-of.js";

const SECRET = "hush-hush-hush-hush-hush-hush-hush-hush";

it("show no secret, wherever one may stand", (context: TestContext) => {
  const { server } = makeCertificates(context);
  const texts = {
    "server.pem": server.cert,
    "server.key": server.key,
    tokens: `admin ${SECRET} ops`,
    users: `alice:$7$101$${Buffer.from("salt-of-12-b").toString("base64")}$${Buffer.alloc(64, 7).toString("base64")}`,
    jwt: SECRET,
    headers: `Authorization: Bearer ${SECRET}`,
    nats: `mqttd:${SECRET}`,
  };
  const config = configFrom(
    {
      listeners: [{ transport: "tls", port: 0, tls: { certFile: "server.pem", keyFile: "server.key" } }],
      authentication: [
        { type: "password-file", file: "users" },
        { type: "jwt", secretFile: "jwt" },
        { type: "http", url: "http://127.0.0.1:1/", headersFile: "headers" },
      ],
      admin: { port: 0, tokensFile: "tokens" },
      nats: { servers: "nats://127.0.0.1:4222", passwordFile: "nats" },
    },
    files(texts),
  );
  const text = JSON.stringify(effectiveSettings(config));
  expect(JSON.stringify(config)).toContain(SECRET); // it is there to be hidden
  for (const secret of [SECRET, "PRIVATE KEY", "BEGIN CERTIFICATE", Buffer.from(SECRET).toString("base64"), "$7$101$"]) {
    expect(text).not.toContain(secret);
  }
  expect(text).toContain('"name":"ops"');
  expect(text).toContain('"digest":"***"');
});
