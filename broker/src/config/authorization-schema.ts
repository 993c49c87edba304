import * as z from "zod";
import { choice, text } from "./fields.js";
import { HttpAuthorizationEntry } from "./http-hook-schema.js";

/** A file of rules. */
export const AclFileEntry = z.strictObject({
  type: z.literal("acl-file").register(z.globalRegistry, { title: "Rules from a file", description: "acl-file" }),
  file: text("File of rules", "the path of a file of rules, or of one that mosquitto's acl_file takes"),
  format: choice("Whose format it is in; auto tells by its first line", ["auto", "mqttd", "mosquitto"]).default("auto"),
});

export type AclFileEntry = z.infer<typeof AclFileEntry>;

/** Who is asked what a client may do, one entry each. */
export const AuthorizationEntry = z.discriminatedUnion("type", [AclFileEntry, HttpAuthorizationEntry]);

export type AuthorizationEntry = z.infer<typeof AuthorizationEntry>;

/** Who decides what clients may publish and subscribe to. */
export const authorizationSettings = {
  aclFile: text(
    "File of rules, what clients may publish and subscribe to: short for one entry of authorization",
    "the path of a file of rules, or of one that mosquitto's acl_file takes",
  ).optional(),
  authorization: z
    .array(AuthorizationEntry)
    .min(1)
    .register(z.globalRegistry, {
      title: "Who is asked what clients may publish and subscribe to; without, they may do everything that no token forbids",
      description: 'a list, asked in order: [{"type": "acl-file", "file": "acl"}]',
    })
    .optional(),
  authorizationDefault: choice("What holds where none of those decides", ["deny", "allow"]).default("deny"),
  authorizationDenyAction: choice(
    "What becomes of a client that does what it may not: it is told where its version can be, or disconnected",
    ["ignore", "disconnect"],
  ).default("ignore"),
};
