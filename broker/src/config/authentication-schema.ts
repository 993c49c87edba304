import * as z from "zod";
import { choice, text, toggle } from "./fields.js";
import { HttpAuthenticationEntry } from "./http-hook-schema.js";
import { JwtEntry } from "./jwt-schema.js";

const kind = <const Word extends string>(word: Word, purpose: string) => z.literal(word).meta({ title: purpose, description: word });

export const PasswordFileEntry = z.strictObject({
  type: kind("password-file", "User names and passwords from a file"),
  file: text("File of users", "the path of a file that mqttd passwd has written, or mosquitto_passwd"),
});

export const CertificateEntry = z.strictObject({
  type: kind("certificate", "The certificate that a client has shown"),
  userName: choice("What in the certificate becomes the user name", ["common-name", "dns", "email", "uri"]).default("common-name"),
  clientId: choice("What the client identifier has to do with that name", ["any", "must-match", "replaced"]).default("any"),
  mustMatchUserName: toggle("Whether a user name in CONNECT must be that name").default(true),
});

export const ScramEntry = z.strictObject({
  type: kind("scram", "SCRAM-SHA-256 by AUTH (MQTT 5)"),
  file: text("File of users", "the path of a file that mqttd passwd --scheme scram-sha-256 has written"),
});

/** Who is asked about a client, one entry each. */
export const AuthenticationEntry = z.discriminatedUnion("type", [
  PasswordFileEntry,
  CertificateEntry,
  ScramEntry,
  JwtEntry,
  HttpAuthenticationEntry,
]);

export type AuthenticationEntry = z.infer<typeof AuthenticationEntry>;

/** Those who are asked, in this order. */
export const authentication = (purpose: string) =>
  z.array(AuthenticationEntry).register(z.globalRegistry, {
    title: purpose,
    description: 'a list, asked in order: [{"type": "password-file", "file": "users"}]',
  });
