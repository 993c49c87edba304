import { availableParallelism } from "node:os";
import type { Access } from "./auth/access.js";
import { AclFileAuthorizer } from "./auth/acl-file-authorizer.js";
import { AllowAnonymous } from "./auth/allow-anonymous.js";
import type { AuthenticationCounters } from "./auth/authentication-counters.js";
import type { Authenticator } from "./auth/authenticator.js";
import { AuthenticatorChain } from "./auth/authenticator-chain.js";
import type { Authorizer } from "./auth/authorizer.js";
import { AuthorizerChain } from "./auth/authorizer-chain.js";
import { CertificateAuthenticator } from "./auth/certificate-authenticator.js";
import { DenyAll } from "./auth/deny-all.js";
import type { EnhancedAuthenticator } from "./auth/enhanced-authenticator.js";
import { HttpAuthenticator } from "./auth/http-authenticator.js";
import { HttpAuthorizer } from "./auth/http-authorizer.js";
import type { HookCounters } from "./auth/http-hook-counters.js";
import { JwtAuthenticator } from "./auth/jwt-authenticator.js";
import { PasswordFileAuthenticator } from "./auth/password-file-authenticator.js";
import { PasswordVerifier } from "./auth/password-verifier.js";
import { ScramAuthenticator } from "./auth/scram-authenticator.js";
import type { Clock } from "./clock.js";
import type { AuthenticatorConfig, Config, ListenerConfig } from "./config/config.js";
import type { AuthorizerConfig } from "./config/read-authorization.js";
import type { Log } from "./log.js";

/** Threads that libuv hashes on are 4, and files are read on them too. */
const MOST_CONCURRENT_HASHES = 3;

export interface AccessParts {
  readonly log: Log;
  readonly clock: Clock;
  readonly counters: AuthenticationCounters & HookCounters;
}

/** What one entry of `authentication` makes: asked at CONNECT, or by AUTH. */
type Made = { readonly simple: Authenticator } | { readonly enhanced: EnhancedAuthenticator };

/** Makes who decides about clients, as the settings say. */
export function createAccess(config: Config, parts: AccessParts): Access {
  const { maxWaiting, cacheEntries, maxConcurrent = defaultConcurrency() } = config.passwordHashing;
  const maxWaitMs = config.mqtt.connectTimeoutSeconds * 1_000;
  const passwords = new PasswordVerifier({ clock: parts.clock, maxConcurrent, maxWaiting, maxWaitMs, cacheEntries });
  // An entry that several listeners share is one object in the configuration, and makes one authenticator.
  const made = new Map<AuthenticatorConfig, Made>();
  for (const entry of config.listeners.flatMap(({ authentication }) => authentication)) {
    if (!made.has(entry)) made.set(entry, make(entry, passwords, parts));
  }
  const listeners = new Map(config.listeners.map((listener) => [listener.name, forListener(listener, made, parts.counters)]));
  const { byDefault, denyAction } = config.authorization;
  const authorizers = config.authorization.authorizers.flatMap((entry) => makeAuthorizer(entry, parts));
  return {
    authenticatorFor: (listener) => listeners.get(listener)?.authenticator ?? new DenyAll(),
    enhancedFor: (listener) => listeners.get(listener)?.enhanced ?? new Map(),
    authorizer: authorizers.length === 0 ? null : new AuthorizerChain(authorizers, { byDefault }),
    denyAction,
    close: async () => {
      const simple = [...made.values()].flatMap((part) => ("simple" in part ? [part.simple] : []));
      await Promise.all([...simple, ...authorizers].map((part) => part.close?.()));
    },
  };
}

function make(entry: AuthenticatorConfig, passwords: PasswordVerifier, parts: AccessParts): Made {
  switch (entry.type) {
    case "password-file":
      return { simple: new PasswordFileAuthenticator(entry.users, passwords) };
    case "certificate":
      return { simple: new CertificateAuthenticator(entry) };
    case "scram":
      return { enhanced: new ScramAuthenticator(entry.users) };
    case "jwt":
      return { simple: new JwtAuthenticator(entry, parts) };
    case "http":
      return { simple: new HttpAuthenticator(entry, parts) };
  }
}

function makeAuthorizer(entry: AuthorizerConfig, parts: AccessParts): Authorizer[] {
  switch (entry.type) {
    case "acl-file":
      return [new AclFileAuthorizer(entry.rules)];
    case "http":
      return [new HttpAuthorizer(entry, parts)];
  }
}

function forListener(
  { authentication, allowAnonymous }: ListenerConfig,
  made: ReadonlyMap<AuthenticatorConfig, Made>,
  counters: AuthenticationCounters,
) {
  const own = authentication.map((entry) => made.get(entry)!);
  const simple = own.flatMap((part) => ("simple" in part ? [part.simple] : []));
  const enhanced = own.flatMap((part) => ("enhanced" in part ? [part.enhanced] : []));
  const open = allowAnonymous && authentication.length === 0;
  return {
    authenticator: open ? new AllowAnonymous() : new AuthenticatorChain(simple, { allowAnonymous, counters }),
    enhanced: new Map(enhanced.map((authenticator) => [authenticator.method, authenticator])),
  };
}

/** Leaves a core to the broker itself. */
function defaultConcurrency(): number {
  return Math.min(Math.max(availableParallelism() - 1, 1), MOST_CONCURRENT_HASHES);
}
