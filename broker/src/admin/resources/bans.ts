import { isIP } from "node:net";
import * as z from "zod";
import { BAN_KINDS, type Ban } from "../../bans/ban.js";
import { isOnSame, isOver, MOST_BANS } from "../../bans/bans.js";
import type { AdminBroker } from "../admin-broker.js";
import { HeldPlaces } from "../lists/held-places.js";
import { PageQuery, pageOf, readPage } from "../lists/page.js";
import { Problem } from "../problem.js";
import { type Route, route } from "../route.js";

const FLAPPING = "flapping";
const MOST_SECONDS = 10 * 365 * 86_400;

const BanEntry = z.object({
  as: z
    .enum([...BAN_KINDS, FLAPPING])
    .register(z.globalRegistry, { description: "flapping: this broker has banned it by itself, for connecting too often" }),
  who: z
    .string()
    .register(z.globalRegistry, { description: "Of flapping: its address and its client identifier, with a space between them" }),
  reason: z.string(),
  by: z.string(),
  at: z.int().nullable().register(z.globalRegistry, { description: "Seconds since 1970" }),
  until: z.int().nullable().register(z.globalRegistry, { description: "Seconds since 1970; null for ever" }),
});

type BanEntry = z.infer<typeof BanEntry>;

const NewBan = z
  .strictObject({
    as: z.enum(BAN_KINDS),
    who: z.string().min(1).max(256),
    reason: z.string().max(100).default(""),
    seconds: z
      .int()
      .check(z.gte(1), z.lte(MOST_SECONDS))
      .optional()
      .register(z.globalRegistry, { description: "How long; for ever, unless given" }),
  })
  .refine(({ as, who }) => as !== "peerhost" || isAddressBlock(who), { path: ["who"], message: "it is no address, and no CIDR block" });

/** Clients that may not connect. Kept beside the store, or shared by the brokers of a cluster. */
export function banRoutes(broker: AdminBroker): readonly Route[] {
  const places = new HeldPlaces<BanEntry>("bans");
  return [
    route({
      method: "GET",
      path: "/api/v1/bans",
      scope: "read",
      summary: "Bans in force, those of clients that this broker saw connect too often included",
      query: z.strictObject(PageQuery),
      answer: pageOf(BanEntry),
      handle: async ({ query, signal }) => {
        const nowMs = broker.clock.now();
        const source = () => entries(broker);
        const show = (ban: BanEntry) => (isOver(ban, nowMs) ? undefined : ban);
        return { page: await readPage({ ...query, signal }, places, source, show) };
      },
    }),
    route({
      method: "POST",
      path: "/api/v1/bans",
      scope: "admin",
      summary: "Bans a client, in place of a ban on the same; who is connected is disconnected",
      body: NewBan,
      answer: BanEntry,
      status: 201,
      handle: async ({ body, caller, note }) => {
        const { as, who, reason, seconds } = body;
        note({ as, banned: who, reason, seconds }); // `who` is who asks
        const nowMs = broker.clock.now();
        const at = Math.floor(nowMs / 1_000);
        const ban: Ban = { as, who, reason, by: caller.name, at, until: seconds === undefined ? null : at + seconds };
        await broker.banStore.change((bans) => {
          const others = bans.filter((other) => !isOnSame(other, ban) && !isOver(other, nowMs));
          if (others.length >= MOST_BANS)
            throw new Problem(409, `there are ${MOST_BANS} bans already: lift some, or ban blocks of addresses`);
          return [...others, ban];
        });
        return { status: 201, json: ban };
      },
    }),
    route({
      method: "DELETE",
      path: "/api/v1/bans/:as/:banned",
      scope: "admin",
      summary: "Lifts a ban",
      handle: async ({ params }) => {
        const { as = "", banned: who = "" } = params;
        if (!(await lift(broker, as, who))) throw new Problem(404, "there is no such ban");
        return {};
      },
    }),
  ];
}

async function lift(broker: AdminBroker, as: string, who: string): Promise<boolean> {
  if (as === FLAPPING) return broker.liftFlapping(who);
  const one = { as: as as Ban["as"], who };
  if (!broker.bans.all.some((ban) => isOnSame(ban, one))) return false;
  await broker.banStore.change((bans) => bans.filter((ban) => !isOnSame(ban, one)));
  return true;
}

function* entries({ bans, flapping }: AdminBroker): Generator<BanEntry, void> {
  yield* bans.all;
  for (const [who, endsAtMs] of flapping) {
    yield { as: FLAPPING, who, reason: "it connects too often", by: "mqttd", at: null, until: Math.ceil(endsAtMs / 1_000) };
  }
}

function isAddressBlock(text: string): boolean {
  const [address = "", prefix, ...more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || more.length > 0 || address.includes("%")) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}
