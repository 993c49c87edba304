import { isIP } from "node:net";
import * as z from "zod";
import { toggle, whole, wholeOrOff } from "./fields.js";

/** More a second than any broker takes. */
const MAX_RATE = 1_000_000;
/** As many as one process may have open. */
const MAX_COUNT = 2_147_483_584;
const DAY_SECONDS = 86_400;
/** 1 PiB. */
const MAX_BYTES = 2 ** 50;

/** Half-open connections that are kept; 65,536 take about 450 MB with the kernel's part, and storms of as many have come in at once. */
const HALF_OPEN = 65_536;

/** Who has typed a wrong password does not notice; who guesses does. Other servers wait for a second or two, as a person logs in there. */
const FAILED_AUTHENTICATION_DELAY_MS = 500;

/** CONNECT packets a second. */
export const connectRate = (purpose: string) => wholeOrOff(purpose, { min: 1, max: MAX_RATE });

/** Addresses and blocks of addresses. */
export const addresses = (purpose: string) =>
  z.array(z.string().trim().refine(isAddressBlock)).register(z.globalRegistry, {
    title: purpose,
    description: 'a list of addresses and CIDR blocks: ["10.0.0.0/8", "2001:db8::1"]',
  });

/** Who may come in, and what the process as a whole can bear. */
export const LimitsSettings = z.strictObject({
  maxConnectRate: connectRate("CONNECT packets a second that are taken over all listeners").default("off"),
  connectBurstSeconds: whole("Seconds' worth of a rate of CONNECT packets that may come at once", { min: 1, max: 60 }).default(1),
  maxHalfOpen: wholeOrOff("Connections without CONNACK yet; beyond it, the one that has been silent for longest is closed", {
    min: 1,
    max: MAX_COUNT,
  }).default(HALF_OPEN),
  failedAuthenticationDelayMs: wholeOrOff("Milliseconds until a client that is not who it says is told so, so that guessing takes time", {
    min: 1,
    max: 60_000,
  }).default(FAILED_AUTHENTICATION_DELAY_MS),
  maxConnectionsPerAddress: wholeOrOff("Most clients of one IPv4 address or IPv6 /64 network", { min: 1, max: MAX_COUNT }).default("off"),
  allowAddresses: addresses("Addresses that may connect; all, unless any are given").default([]),
  denyAddresses: addresses("Addresses that may not connect, even if they are allowed").default([]),
  // EMQX has the same numbers, and does not watch for it either unless told to.
  flapping: z
    .strictObject({
      enabled: toggle("Whether a client that connects too often is banned for a time").default(false),
      maxCount: whole("CONNECT packets of one client identifier from one address that are not too often", {
        min: 1,
        max: MAX_RATE,
      }).default(15),
      windowSeconds: whole("Time within which they are counted", { min: 1, max: DAY_SECONDS }).default(60),
      banSeconds: whole("How long the ban lasts", { min: 1, max: DAY_SECONDS }).default(300),
    })
    .prefault({}),
  memoryHighPercent: wholeOrOff("Memory in use from which on nobody new is taken in", { min: 1, max: 100 }).default(85),
  memoryLowPercent: whole("Memory in use below which it is enough again", { min: 1, max: 100 }).default(80),
  memoryBytes: whole("Memory that this process may take; the container's or the machine's, unless given", {
    min: 1_048_576,
    max: MAX_BYTES,
  }).optional(),
  loopLagHighMs: wholeOrOff("Milliseconds that the event loop may be late for three seconds before nobody new is taken in", {
    min: 1,
    max: 60_000,
  }).default(500),
  loopLagLowMs: whole("Milliseconds below which the event loop is on time again", { min: 1, max: 60_000 }).default(100),
});

/** The settings of `limits` with their defaults. */
export type LimitsSettings = z.infer<typeof LimitsSettings>;

/** `10.0.0.1`, `10.0.0.0/8`, `2001:db8::/32`. */
function isAddressBlock(text: string): boolean {
  const [address = "", prefix, ...more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || more.length > 0 || address.includes("%")) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}
