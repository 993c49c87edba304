import type { Admission, Refusal, Verdict } from "../auth/authenticator.js";
import type { ClientIdentity } from "../auth/authorizer.js";
import { decode } from "../codec/codec.js";
import { connectLevel } from "../codec/connect.js";
import type { ConnectPacket } from "../codec/packet.js";
import { ProtocolError } from "../codec/protocol-error.js";
import { ReasonCode } from "../codec/reason-code.js";
import { clientLimits } from "../connection/client-limits.js";
import type { Connection } from "../connection/connection.js";
import { OutboundAliases } from "../connection/outbound-aliases.js";
import { Phase } from "../connection/phase.js";
import { refusalOf } from "../connection/refusal.js";
import { both } from "../persistence/both.js";
import { NEVER_EXPIRES } from "../session/session.js";
import type { OpenedSession } from "../session/session-registry.js";
import { failed } from "./authentication-failure.js";
import { isAllowed } from "./authorize.js";
import { connack } from "./connack.js";
import { ConnectRequest } from "./connect-request.js";
import type { Core } from "./core.js";
import { beginExchange } from "./exchange.js";
import { limitLifetime } from "./lifetime.js";
import { recheckReturning } from "./recheck-subscriptions.js";
import { longestSessionExpiry } from "./session-refusals.js";
import { ownWill, willMessage, willProblem } from "./will.js";

/** Set in the level of 3.x by bridges of mosquitto, which try again without it only if they understand the refusal. */
const BRIDGE = 0x80;

/** Those who guess at the same time are told so at different ones, this part of the delay later at most: all at once they would come again all at once. */
const SPREAD = 0.5;

/** The verdict on a client that the authenticator knows nothing about. */
const UNKNOWN: Verdict = { allowed: false, reasonCode: ReasonCode.NotAuthorized };

/** What a CONNECT comes to, once everything about it is decided. */
export interface Connecting {
  readonly packet: ConnectPacket;
  readonly clientId: string;
  readonly isAssigned: boolean;
}

/** Handles a CONNECT at once, or in its turn where many come: nothing else of the client's is looked at before, and it may have gone by then. */
export function receiveConnect(
  core: Core,
  connection: Connection,
  bytes: Uint8Array,
  start: number,
  end: number,
): Promise<void> | undefined {
  const packet = decodeConnect(connection, bytes, start, end);
  if (core.connects.mayHandle()) return handleConnect(core, connection, packet);
  connection.wait();
  core.entrance.waits(connection);
  core.connects.later(connection, ownPacket(packet));
  return undefined;
}

/** Handles a CONNECT that has waited for its turn; false if its client has gone. */
export function handleWaiting(core: Core, connection: Connection, packet: ConnectPacket): boolean {
  if (connection.phase >= Phase.Closing) return false;
  try {
    const pending = handleConnect(core, connection, packet);
    if (pending === undefined) connection.goOn();
    else connection.hold(pending);
  } catch (error) {
    connection.fail(error);
  }
  return true;
}

/** Without a part of the receive buffer, which others use by then. */
function ownPacket(packet: ConnectPacket): ConnectPacket {
  const { will, password, properties } = packet;
  const { authenticationData } = properties;
  if (will === undefined && password === undefined && authenticationData === undefined) return packet;
  return {
    ...packet,
    ...(will !== undefined && { will: ownWill(will)! }),
    ...(password !== undefined && { password: Uint8Array.from(password) }),
    properties: authenticationData === undefined ? properties : { ...properties, authenticationData: Uint8Array.from(authenticationData) },
  };
}

function handleConnect(core: Core, connection: Connection, packet: ConnectPacket): Promise<void> | undefined {
  connection.limits = clientLimits(packet.properties);
  connection.offer = connection.listener.offer;
  if (core.turnsAway !== undefined) {
    turnAway(core, connection);
    return undefined;
  }
  const refusal = core.entrance.refusal(connection, packet.clientId, packet.userName);
  if (refusal !== undefined) {
    connection.close(refusal.reasonCode, refusal.reason); // by the thousand in a storm, hence not thrown
    return undefined;
  }
  if (core.sessionRefusals?.refuses(connection, packet)) return undefined;
  const connecting: Connecting = {
    packet: { ...packet, will: ownWill(packet.will), password: packet.password && Uint8Array.from(packet.password) },
    clientId: clientIdOf(core, packet),
    isAssigned: packet.clientId === "",
  };
  const problem = willProblem(core, packet.will);
  if (problem !== undefined) throw problem;
  return authenticate(core, connection, connecting);
}

/** A CONNECT that does not decode is answered in the version it claims, as far as that can be told. */
function decodeConnect(connection: Connection, bytes: Uint8Array, start: number, end: number): ConnectPacket {
  try {
    const packet = decode(bytes, start, end, connection.version) as ConnectPacket;
    connection.version = packet.version;
    connection.phase = Phase.Authenticating;
    return packet;
  } catch (error) {
    const level = connectLevel(bytes, start, end);
    if (level !== undefined) {
      connection.version = (level & ~BRIDGE) >= 5 ? 5 : 4;
      connection.phase = Phase.Authenticating;
    }
    throw error;
  }
}

function clientIdOf(core: Core, { clientId, version, cleanStart }: ConnectPacket): string {
  if (clientId !== "") {
    if (Buffer.byteLength(clientId) <= core.settings.maxClientIdBytes) return clientId;
    throw new ProtocolError(
      ReasonCode.ClientIdentifierNotValid,
      `client identifier is longer than ${core.settings.maxClientIdBytes} bytes`,
    );
  }
  if (version === 3 || (version === 4 && !cleanStart)) {
    throw new ProtocolError(ReasonCode.ClientIdentifierNotValid, "client identifier is empty"); // 3.1.1 [MQTT-3.1.3-8]
  }
  return core.newClientId(); // [MQTT-3.1.3-6]
}

function authenticate(core: Core, connection: Connection, connecting: Connecting): Promise<void> | undefined {
  const { packet } = connecting;
  const request = new ConnectRequest(connection, packet, connecting.clientId);
  const proceed = (verdict: Verdict, data?: Uint8Array) => decide(core, connection, connecting, verdict, data);
  const { authenticationMethod } = packet.properties;
  if (authenticationMethod !== undefined) {
    const data = packet.properties.authenticationData;
    return beginExchange(core, connection, authenticationMethod, data && Uint8Array.from(data), request, proceed);
  }
  try {
    const answer = connection.listener.authenticator.authenticate(request);
    if (!(answer instanceof Promise)) return proceed(answer ?? UNKNOWN);
    return answer.then(
      (verdict) => proceed(verdict ?? UNKNOWN),
      (error: unknown) => proceed(failed(core, error)),
    );
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    return proceed(failed(core, error));
  }
}

function decide(
  core: Core,
  connection: Connection,
  connecting: Connecting,
  verdict: Verdict,
  data: Uint8Array | undefined,
): Promise<void> | undefined {
  if (connection.phase !== Phase.Authenticating) return undefined;
  if (!verdict.allowed) return refuse(core, connection, verdict);
  const clientId = verdict.clientId ?? connecting.clientId;
  const userName = verdict.userName ?? connecting.packet.userName;
  const { will } = connecting.packet;
  const identity = { clientId, userName, rules: verdict.rules };
  const authorizer = core.authorization.authorizerFor(identity);
  const mayWill =
    will === undefined || authorizer === null
      ? true
      : isAllowed(core, () => authorizer.mayPublish(identity, will.topic, will.qos, will.retain));
  const proceed = (allowed: boolean): Promise<void> | undefined => {
    if (!allowed) {
      connection.close(ReasonCode.NotAuthorized, "the will may not be published to its topic");
      return undefined;
    }
    return claim(core, connection, { ...connecting, clientId }, verdict, data);
  };
  return typeof mayWill === "boolean" ? proceed(mayWill) : mayWill.then(proceed);
}

/** At once, or after a while if it may be a guess: so guessing takes time, and what it takes of the broker's is little. */
function refuse({ entrance }: Core, connection: Connection, verdict: Refusal): Promise<void> | undefined {
  const { reasonCode, reasonString = "not authorised", serverReference } = verdict;
  const isGuess = reasonCode === ReasonCode.BadUserNameOrPassword || reasonCode === ReasonCode.NotAuthorized;
  if (!isGuess || entrance.failureDelayMs === 0) {
    connection.close(reasonCode, reasonString, serverReference);
    return undefined;
  }
  const delayMs = entrance.failureDelayMs * (1 + SPREAD * Math.random());
  return new Promise<void>((resolve) => setTimeout(resolve, delayMs).unref()).then(() => {
    if (connection.phase === Phase.Authenticating) connection.close(reasonCode, reasonString, serverReference);
  });
}

/** Makes the client ours before it is welcomed; a peer that has it gives it up. */
function claim(
  core: Core,
  connection: Connection,
  connecting: Connecting,
  verdict: Admission,
  data: Uint8Array | undefined,
): Promise<void> | undefined {
  const claimed = core.backplane.claim(connecting.clientId);
  if (claimed === undefined) return open(core, connection, connecting, verdict, data);
  const { clientId } = connecting;
  return claimed.then(
    () => {
      const opened = open(core, connection, connecting, verdict, data);
      if (core.registry.get(clientId) === undefined) core.backplane.release(clientId); // it was refused, or has gone meanwhile
      return opened;
    },
    (error: unknown) => {
      core.reportFailure(error);
      core.log.debug({ err: error, clientId }, "the client could not be claimed");
      connection.close(ReasonCode.ServerUnavailable, "the client could not be claimed");
    },
  );
}

function open(
  core: Core,
  connection: Connection,
  connecting: Connecting,
  verdict: Admission,
  data: Uint8Array | undefined,
): Promise<void> | undefined {
  if (connection.phase !== Phase.Authenticating) return undefined;
  const refusal = core.entrance.lateRefusal(connection, connecting.clientId, verdict.userName ?? connecting.packet.userName);
  if (refusal !== undefined) {
    connection.close(refusal.reasonCode, refusal.reason);
    return undefined;
  }
  const { packet, clientId } = connecting;
  const { registry, opening } = core;
  if (registry.size >= core.settings.maxSessions && registry.get(clientId) === undefined) {
    core.counters.sessionsOverQuota++;
    core.backplane.release(clientId);
    connection.close(ReasonCode.QuotaExceeded, "the broker has as many sessions as it may");
    return undefined;
  }
  overtake(core, clientId);
  const userName = verdict.userName ?? packet.userName;
  const startsAnew = packet.cleanStart || belongsToAnother(core, { clientId, userName, rules: verdict.rules });
  const opened = registry.open(clientId, userName, startsAnew, sessionExpiry(core, packet));
  const { session } = opened;
  session.rules = verdict.rules;
  const rechecked = opened.isPresent ? recheckReturning(core, session) : undefined;
  const will = packet.will && willMessage(packet.will, clientId, core.clock.now());
  registry.saveConnected(session, will, packet.will?.properties.willDelayIntervalSeconds ?? 0);
  const stored = both(rechecked, registry.commit());
  if (stored === undefined) {
    welcome(core, connection, connecting, opened, verdict, data);
    return undefined;
  }
  opening.set(session, connection);
  return stored.then(
    () => {
      if (opening.get(session) !== connection) return; // overtaken, and told so
      opening.delete(session);
      if (session.hasEnded) connection.close(ReasonCode.ServerBusy, "the session has ended meanwhile");
      else if (connection.phase === Phase.Authenticating) welcome(core, connection, connecting, opened, verdict, data);
      else registry.leave(session, undefined, 0);
    },
    (error: unknown) => {
      const isRefusal = error instanceof ProtocolError;
      if (!isRefusal) core.reportFailure(error);
      if (opening.get(session) !== connection) return;
      opening.delete(session);
      if (!session.hasEnded) registry.leave(session, undefined, 0);
      if (isRefusal) connection.close(error.reasonCode, error.message);
      else connection.close(refusalOf(error), "the session could not be stored");
    },
  );
}

/** What a session holds for one user is not for another, where it matters who may have what; so that one starts anew [MQTT-3.1.2-5]. */
function belongsToAnother(core: Core, identity: ClientIdentity): boolean {
  const session = core.registry.get(identity.clientId);
  return session !== undefined && session.userName !== identity.userName && core.authorization.authorizerFor(identity) !== null;
}

/** Another connection of the client, that waits for its session to be stored, is not welcomed any more [MQTT-3.1.4-3]. */
function overtake({ registry, opening }: Core, clientId: string): void {
  const session = registry.get(clientId);
  const waiting = session && opening.get(session);
  if (waiting === undefined) return;
  opening.delete(session!);
  waiting.close(ReasonCode.ServerBusy, "another connection of this client came first");
}

function welcome(
  core: Core,
  connection: Connection,
  connecting: Connecting,
  { session, isPresent }: OpenedSession,
  { rules, expiresAtMs }: Admission,
  data: Uint8Array | undefined,
): void {
  const { packet } = connecting;
  const { clientId } = session;
  const { counters, settings } = core;
  session.link = connection;
  session.changedAtSeconds = Math.floor(core.clock.now() / 1_000);
  if (session.cleanStart !== packet.cleanStart) session.cleanStart = packet.cleanStart;
  session.rules = rules;
  connection.session = session;
  connection.will = packet.will ?? null;
  connection.phase = Phase.Connected;
  core.unsettled.delete(connection);
  core.entrance.joined(connection);
  counters.clientJoined();
  limitLifetime(core, connection, expiresAtMs);

  const aliases = Math.min(connection.limits.topicAliasMaximum, settings.topicAliasMaximumOutbound);
  if (aliases > 0) connection.aliases = new OutboundAliases(aliases);
  const keepAliveSeconds = keepAlive(core, packet);
  connection.watchKeepAlive(keepAliveSeconds);
  connection.send(connack(core, connection.offer, connecting, session, isPresent, keepAliveSeconds, data)); // [MQTT-3.2.0-2]
  if (core.log.isLevelEnabled("debug")) core.log.debug({ clientId, version: packet.version, isPresent }, "client connected");
  session.sendQueued();
}

/** 3.1.2.11.2; a session of 3.x that is not clean has no end of its own [3.1.1, 3.1.2.4]. */
function sessionExpiry(core: Core, { version, cleanStart, properties }: ConnectPacket): number {
  const asked = version === 5 ? (properties.sessionExpiryIntervalSeconds ?? 0) : cleanStart ? 0 : NEVER_EXPIRES;
  return Math.min(asked, longestSessionExpiry(core));
}

/** A client of 5.0 can be told a shorter Keep Alive [MQTT-3.2.2-21]; one of 3.x has the one it asked for. */
function keepAlive(core: Core, { version, keepAliveSeconds }: ConnectPacket): number {
  const { maxKeepAliveSeconds } = core.settings;
  if (version !== 5 || maxKeepAliveSeconds === 65_535) return keepAliveSeconds;
  return keepAliveSeconds === 0 ? maxKeepAliveSeconds : Math.min(keepAliveSeconds, maxKeepAliveSeconds);
}

/** Tells a client to go elsewhere. */
export function turnAway(core: Core, connection: Connection): void {
  const { reasonCode, serverReference } = core.turnsAway!;
  connection.close(reasonCode, "the broker takes leave of its clients", serverReference);
}
