import type { Ban } from "../bans/ban.js";
import { Bans } from "../bans/bans.js";
import { ReasonCode } from "../codec/reason-code.js";
import { Connection } from "../connection/connection.js";
import type { Core } from "./core.js";

/** Sessions looked at before others get their turn. */
const SESSIONS_AT_A_TIME = 256;

/** Ends the connections of clients that have just been banned. Their sessions stay, in case the ban was a mistake. */
export async function closeBanned({ registry, clock }: Core, ban: Ban): Promise<void> {
  const bans = new Bans();
  bans.replace([ban]);
  let looked = 0;
  for (const { clientId, userName, link } of registry) {
    if (++looked % SESSIONS_AT_A_TIME === 0) await new Promise((resolve) => setImmediate(resolve));
    if (!(link instanceof Connection)) continue;
    if (bans.find(clientId, userName, () => link.socket.peer().address, clock.now()) === undefined) continue;
    // Banned is for CONNACK only (2.4).
    link.disconnect(ReasonCode.AdministrativeAction, "an operator has banned the client");
  }
}
