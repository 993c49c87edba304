import type { AclRule } from "../auth/acl-rule.js";
import type { Admission, AuthenticationRequest, Verdict } from "../auth/authenticator.js";
import { decode } from "../codec/codec.js";
import { connectLevel } from "../codec/connect.js";
import type { ConnectPacket } from "../codec/packet.js";
import { ProtocolError } from "../codec/protocol-error.js";
import { ReasonCode } from "../codec/reason-code.js";
import { clientLimits } from "../connection/client-limits.js";
import type { Connection } from "../connection/connection.js";
import { OutboundAliases } from "../connection/outbound-aliases.js";
import { Phase } from "../connection/phase.js";
import { NEVER_EXPIRES } from "../session/session.js";
import type { OpenedSession } from "../session/session-registry.js";
import { failed } from "./authentication-failure.js";
import { isAllowed } from "./authorize.js";
import { connack } from "./connack.js";
import type { Core } from "./core.js";
import { beginExchange } from "./exchange.js";
import { ownWill, willProblem } from "./will.js";

/** Set in the level of 3.x by bridges of mosquitto, which try again without it only if they understand the refusal. */
const BRIDGE = 0x80;

/** What a CONNECT comes to, once everything about it is decided. */
export interface Connecting {
  readonly packet: ConnectPacket;
  readonly clientId: string;
  readonly isAssigned: boolean;
}

export function handleConnect(
  core: Core,
  connection: Connection,
  bytes: Uint8Array,
  start: number,
  end: number,
): Promise<void> | undefined {
  const packet = decodeConnect(connection, bytes, start, end);
  connection.limits = clientLimits(packet.properties);
  if (core.isDraining) throw turnedAway(core);
  const open = core.counters.clientsConnected;
  if (
    open >= core.settings.maxConnections ||
    connection.listener.connections > (connection.listener.maxConnections ?? Number.POSITIVE_INFINITY)
  ) {
    throw new ProtocolError(ReasonCode.QuotaExceeded, "the broker has as many connections as it may");
  }
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
  const request = requestOf(connection, connecting);
  const proceed = (verdict: Verdict, data?: Uint8Array) => decide(core, connection, connecting, verdict, data);
  const { authenticationMethod } = packet.properties;
  if (authenticationMethod !== undefined) {
    const data = packet.properties.authenticationData;
    return beginExchange(core, connection, authenticationMethod, data && Uint8Array.from(data), request, proceed);
  }
  try {
    const verdict = connection.listener.authenticator.authenticate(request);
    if (!(verdict instanceof Promise)) return proceed(verdict);
    return verdict.then(proceed, (error: unknown) => proceed(failed(core, error)));
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    return proceed(failed(core, error));
  }
}

function requestOf(connection: Connection, { packet, clientId }: Connecting): AuthenticationRequest {
  const { userName, password, version, cleanStart } = packet;
  return {
    clientId,
    userName,
    password,
    version,
    cleanStart,
    listener: connection.listener.name,
    // Asked for only by who wants to know: it takes two system calls.
    get peer() {
      return connection.socket.peer();
    },
  };
}

function decide(
  core: Core,
  connection: Connection,
  connecting: Connecting,
  verdict: Verdict,
  data: Uint8Array | undefined,
): Promise<void> | undefined {
  if (connection.phase !== Phase.Authenticating) return undefined;
  if (!verdict.allowed) {
    const { reasonCode, reasonString = "not authorised", serverReference } = verdict;
    connection.close(reasonCode, reasonString, serverReference);
    return undefined;
  }
  const clientId = verdict.clientId ?? connecting.clientId;
  const userName = verdict.userName ?? connecting.packet.userName;
  const { will } = connecting.packet;
  const mayWill =
    will === undefined || core.authorizer === null
      ? true
      : isAllowed(core, () => core.authorizer!.mayPublish({ clientId, userName, rules: verdict.rules }, will.topic, will.qos, will.retain));
  const proceed = (allowed: boolean): Promise<void> | undefined => {
    if (!allowed) {
      connection.close(ReasonCode.NotAuthorized, "the will may not be published to its topic");
      return undefined;
    }
    return claim(core, connection, { ...connecting, clientId }, verdict, data);
  };
  return typeof mayWill === "boolean" ? proceed(mayWill) : mayWill.then(proceed);
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
  return claimed.then(
    () => open(core, connection, connecting, verdict, data),
    (error: unknown) => {
      core.log.error({ err: error, clientId: connecting.clientId }, "the client could not be claimed");
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
  const { packet, clientId } = connecting;
  const { registry } = core;
  const opened = registry.open(clientId, verdict.userName ?? packet.userName, packet.cleanStart, sessionExpiry(core, packet));
  const { session } = opened;
  registry.save(session, true);
  const stored = registry.commit();
  if (stored === undefined) {
    welcome(core, connection, connecting, opened, verdict.rules, data);
    return undefined;
  }
  const isStillOurs = () => !session.hasEnded && session.link === null;
  return stored.then(
    () => {
      if (!isStillOurs()) connection.close(ReasonCode.ServerBusy, "another connection of this client came first");
      else if (connection.phase === Phase.Authenticating) welcome(core, connection, connecting, opened, verdict.rules, data);
      else registry.leave(session, undefined, 0);
    },
    (error: unknown) => {
      if (isStillOurs()) registry.leave(session, undefined, 0);
      throw error;
    },
  );
}

function welcome(
  core: Core,
  connection: Connection,
  connecting: Connecting,
  { session, isPresent }: OpenedSession,
  rules: readonly AclRule[] | undefined,
  data: Uint8Array | undefined,
): void {
  const { packet } = connecting;
  const { clientId } = session;
  const { counters, settings } = core;
  session.link = connection;
  session.rules = rules;
  connection.session = session;
  connection.will = packet.will ?? null;
  connection.phase = Phase.Connected;
  core.unsettled.delete(connection);
  counters.clientJoined();

  const aliases = Math.min(connection.limits.topicAliasMaximum, settings.topicAliasMaximumOutbound);
  if (aliases > 0) connection.aliases = new OutboundAliases(aliases);
  const keepAliveSeconds = keepAlive(core, packet);
  connection.watchKeepAlive(keepAliveSeconds);
  connection.send(connack(core, connecting, session, isPresent, keepAliveSeconds, data)); // [MQTT-3.2.0-2]
  if (core.log.isLevelEnabled("debug")) core.log.debug({ clientId, version: packet.version, isPresent }, "client connected");
  session.sendQueued();
}

/** 3.1.2.11.2; a session of 3.x that is not clean has no end of its own [3.1.1, 3.1.2.4]. */
function sessionExpiry(core: Core, { version, cleanStart, properties }: ConnectPacket): number {
  const asked = version === 5 ? (properties.sessionExpiryIntervalSeconds ?? 0) : cleanStart ? 0 : NEVER_EXPIRES;
  return Math.min(asked, core.settings.maxSessionExpirySeconds);
}

/** A client of 5.0 can be told a shorter Keep Alive [MQTT-3.2.2-21]; one of 3.x has the one it asked for. */
function keepAlive(core: Core, { version, keepAliveSeconds }: ConnectPacket): number {
  const { maxKeepAliveSeconds } = core.settings;
  if (version !== 5 || maxKeepAliveSeconds === 65_535) return keepAliveSeconds;
  return keepAliveSeconds === 0 ? maxKeepAliveSeconds : Math.min(keepAliveSeconds, maxKeepAliveSeconds);
}

function turnedAway(core: Core): ProtocolError {
  return new ProtocolError(
    core.settings.serverReference === undefined ? ReasonCode.ServerUnavailable : ReasonCode.UseAnotherServer,
    "the broker is shutting down",
  );
}
