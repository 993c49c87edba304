import * as z from "zod";
import { choice, whole, wholeOrOff } from "./fields.js";

/** How the broker takes leave of its clients when it stops. */
export const DrainSettings = z.strictObject({
  delaySeconds: whole("How long the broker goes on, no longer ready, so that load balancers notice before it accepts nobody any more", {
    min: 0,
    max: 3_600,
  }).default(0),
  // A million within 100 s, and the reconnects that follow at a pace that the other brokers can take; more if shutdownSeconds is shorter.
  disconnectRate: wholeOrOff("Clients disconnected each second, as long as all are told within shutdownSeconds; off tells all at once", {
    min: 1,
    max: 100_000_000,
  }).default(10_000),
  redirect: choice("What clients are told with mqtt.serverReference: to use that server this time (0x9C), or from now on (0x9D)", [
    "use-another-server",
    "server-moved",
  ]).default("use-another-server"),
});

/** The settings of `drain` with their defaults. */
export type DrainSettings = z.infer<typeof DrainSettings>;
