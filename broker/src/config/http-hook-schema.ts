import * as z from "zod";
import { text, whole } from "./fields.js";

const DAY_SECONDS = 86_400;
const pem = (purpose: string) => text(purpose, "the path of a PEM file");
const cacheSeconds = (purpose: string) => whole(purpose, { min: 0, max: DAY_SECONDS });

/** What both hooks have: whom to ask, and what that may cost. */
const hook = {
  type: z.literal("http").register(z.globalRegistry, { title: "An HTTP server that is asked", description: "http" }),
  url: z
    .url({ protocol: /^https?$/ })
    .regex(/^[^@#]*$/)
    .register(z.globalRegistry, {
      title: "Where questions are sent to, by POST, as JSON",
      description: "a URL that begins with http:// or https://, without user and password (those go into headersFile)",
    }),
  headersFile: text(
    "File of more headers, a secret for Authorization among them",
    "the path of a file with a line Name: value each",
  ).optional(),
  caFile: pem("Authorities that sign the server's certificate; those of the runtime, unless given").optional(),
  certFile: pem("Certificate that the broker shows the server").optional(),
  keyFile: pem("Private key of that certificate").optional(),
  timeoutSeconds: whole("How long an answer may take, waiting for a connection included", { min: 1, max: 60 }).default(5),
  maxConnections: whole("Connections to the server, and questions at a time", { min: 1, max: 1_024 }).default(16),
  maxWaiting: whole("Questions that wait for a connection; more are refused", { min: 0, max: 1_000_000 }).default(1_000),
  maxAnswerBytes: whole("Longest answer", { min: 256, max: 16_777_216 }).default(65_536),
  cacheEntries: whole("Answers remembered", { min: 1, max: 10_000_000 }).default(10_000),
};

/** An HTTP server that decides who may connect. */
export const HttpAuthenticationEntry = z.strictObject({
  ...hook,
  allowCacheSeconds: cacheSeconds("How long a client is let in again without asking; 0 asks each time").default(0),
  denyCacheSeconds: cacheSeconds("How long a client is refused again without asking; 0 asks each time").default(0),
});

/** An HTTP server that decides what clients may do. */
export const HttpAuthorizationEntry = z.strictObject({
  ...hook,
  allowCacheSeconds: cacheSeconds("How long what was allowed is allowed again without asking; 0 asks each time").default(60),
  denyCacheSeconds: cacheSeconds("How long what was refused is refused again without asking; 0 asks each time").default(10),
});

export type HttpAuthenticationEntry = z.infer<typeof HttpAuthenticationEntry>;
export type HttpAuthorizationEntry = z.infer<typeof HttpAuthorizationEntry>;
