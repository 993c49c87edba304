import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { AdminConfig, AdminToken } from "../config/admin-files.js";
import { Problem } from "./problem.js";
import type { Caller } from "./route.js";

const LOOPBACK_NAMES: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/** Decides who may ask what. There are no cookies and no CORS: a browser sends a token only where a page of ours puts it. */
export class AccessGuard {
  #config: AdminConfig;

  constructor(config: AdminConfig) {
    this.#config = config;
  }

  configure(config: AdminConfig): void {
    this.#config = config;
  }

  /**
   * Refuses what a browser was made to send by a page of somebody else: a name that leads to the loopback (DNS rebinding), or another
   * origin.
   *
   * @throws Problem 403 or 421
   */
  checkOrigin({ headers, method }: Pick<IncomingMessage, "headers" | "method">): void {
    const { isLoopback, allowedHosts } = this.#config;
    const host = headers.host ?? "";
    const name = host.replace(/:\d*$/, "").toLowerCase();
    if (isLoopback && !LOOPBACK_NAMES.includes(name) && !allowedHosts.some((allowed) => allowed.toLowerCase() === name)) {
      throw new Problem(421, "the admin port is not called by this name: use localhost, or name it in admin.allowedHosts");
    }
    const { origin } = headers;
    if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
      throw new Problem(403, "requests from pages of other origins are not answered");
    }
    const site = headers["sec-fetch-site"];
    if (method !== "GET" && method !== "HEAD" && site !== undefined && site !== "same-origin" && site !== "none") {
      throw new Problem(403, "requests from pages of other origins are not answered");
    }
  }

  /** @throws Problem 401 */
  identify({ headers, socket }: Pick<IncomingMessage, "headers" | "socket">): Caller {
    const address = socket.remoteAddress ?? "";
    const { tokens, isLoopback } = this.#config;
    if (tokens === undefined && isLoopback) return { name: "anyone", scope: "admin", address };
    const token = headers.authorization?.match(/^Bearer +(\S+) *$/i)?.[1];
    const bearer = token === undefined ? undefined : bearerOf(token, tokens ?? []);
    if (bearer !== undefined) return { name: bearer.name, scope: bearer.scope, address };
    const why = token === undefined ? "a token is needed: Authorization: Bearer TOKEN" : "the token is not known";
    throw new Problem(401, why, { "WWW-Authenticate": 'Bearer realm="mqttd"' });
  }
}

/** Compares digests with all of them, so that the time it takes tells nothing. */
function bearerOf(token: string, tokens: readonly AdminToken[]): AdminToken | undefined {
  const digest = createHash("sha256").update(token).digest();
  let bearer: AdminToken | undefined;
  for (const known of tokens) if (timingSafeEqual(digest, Buffer.from(known.digest, "hex"))) bearer ??= known;
  return bearer;
}
