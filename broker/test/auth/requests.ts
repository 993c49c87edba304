import type { AuthenticationRequest } from "../../src/auth/authenticator.js";

/** A request as a client sends it; a test says what is special in its own. */
export function requestOf(special: Partial<AuthenticationRequest> = {}): AuthenticationRequest {
  return {
    clientId: "client",
    userName: "user",
    password: Buffer.from("password"),
    version: 5,
    cleanStart: true,
    peer: { address: "127.0.0.1", port: 40_000, localAddress: "127.0.0.1", localPort: 1883 },
    listener: "tcp:default",
    ...special,
  };
}

/** What clients send that nobody had in mind; each has to get a verdict. */
export const ODD_REQUESTS: readonly (readonly [string, Partial<AuthenticationRequest>])[] = [
  ["no user name and no password", { userName: undefined, password: undefined }],
  ["a password without a user name", { userName: undefined }],
  ["a user name without a password", { password: undefined }],
  ["an empty user name", { userName: "" }],
  ["an empty password", { password: new Uint8Array() }],
  ["a password that is not UTF-8", { password: new Uint8Array([0xff, 0x00, 0xc3]) }],
  ["a password of 65,535 bytes", { password: new Uint8Array(65_535) }],
  ["a user name of 65,535 bytes", { userName: "x".repeat(65_535) }],
  ["a user name that names a property of objects", { userName: "__proto__" }],
  ["a user name with colons, commas and newlines", { userName: "a:b,c\r\nd" }],
  ["a user name with a wildcard", { userName: "+/#" }],
  ["a client identifier of 65,535 bytes", { clientId: "x".repeat(65_535) }],
  ["MQTT 3.1", { version: 3 }],
  ["a peer that a proxy did not name", { peer: { address: "", port: 0, localAddress: "", localPort: 0 } }],
];
