import * as z from "zod";
import { whole } from "./fields.js";

/** How much of the machine the checking of passwords may take. */
export const PasswordHashingSettings = z.strictObject({
  maxConcurrent: whole("Passwords hashed at a time; one less than the processor's cores, 1 to 3, unless given", {
    min: 1,
    max: 1_024,
  }).optional(),
  maxWaiting: whole("Clients that wait for that; more are told that the server is busy", { min: 0, max: 1_000_000 }).default(1_000),
  cacheEntries: whole("Right passwords remembered, in a form that only this process can use; 0 for none", {
    min: 0,
    max: 10_000_000,
  }).default(10_000),
});

export type PasswordHashingSettings = z.infer<typeof PasswordHashingSettings>;
