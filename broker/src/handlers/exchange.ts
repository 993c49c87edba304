import type { Admission, AuthenticationRequest, Verdict } from "../auth/authenticator.js";
import type { EnhancedExchange, Step } from "../auth/enhanced-authenticator.js";
import { decode } from "../codec/codec.js";
import { type AuthPacket, PacketType } from "../codec/packet.js";
import { ProtocolError, violation } from "../codec/protocol-error.js";
import { ReasonCode } from "../codec/reason-code.js";
import type { Connection } from "../connection/connection.js";
import { Phase } from "../connection/phase.js";
import { failed } from "./authentication-failure.js";
import type { Core, PendingExchange } from "./core.js";

/** SCRAM takes two. */
const MAX_STEPS = 16;

type Proceed = (verdict: Verdict, data?: Uint8Array) => Promise<void> | undefined;

/** CONNECT names an authentication method: the exchange of AUTH packets begins [MQTT-4.12.0-2]. */
export function beginExchange(
  core: Core,
  connection: Connection,
  method: string,
  data: Uint8Array | undefined,
  request: AuthenticationRequest,
  proceed: Proceed,
): Promise<void> | undefined {
  const authenticator = connection.listener.enhanced.get(method);
  if (authenticator === undefined) {
    throw new ProtocolError(ReasonCode.BadAuthenticationMethod, `authentication method '${method}' is not one of this broker`); // [MQTT-4.12.0-1]
  }
  core.methods.set(connection, method);
  const exchange = authenticator.begin(request);
  return step(core, connection, pendingExchange(connection, method, exchange, proceed), data);
}

function pendingExchange(connection: Connection, method: string, exchange: EnhancedExchange, proceed: Proceed): PendingExchange {
  return { method, exchange, proceed, sinceMs: connection.context.uptimeMs(), steps: 0 };
}

/** AUTH: the client's next part of an exchange, or the beginning of a re-authentication. */
export function handleAuth(core: Core, connection: Connection, bytes: Uint8Array, start: number, end: number): Promise<void> | undefined {
  const { reasonCode, properties } = decode(bytes, start, end, connection.version) as AuthPacket;
  const method = core.methods.get(connection);
  if (method === undefined) throw violation("AUTH without an authentication method in CONNECT"); // [MQTT-4.12.0-7]
  if (properties.authenticationMethod !== method) {
    throw new ProtocolError(ReasonCode.BadAuthenticationMethod, "AUTH changes the authentication method"); // [MQTT-4.12.0-5] [MQTT-4.12.1-1]
  }
  const data = properties.authenticationData && Uint8Array.from(properties.authenticationData);
  const pending = core.exchanges.get(connection);
  if (reasonCode === ReasonCode.ReAuthenticate) {
    if (connection.phase !== Phase.Connected || pending !== undefined)
      throw violation("AUTH re-authenticates while an exchange is under way");
    return reauthenticate(core, connection, method, data);
  }
  if (reasonCode !== ReasonCode.ContinueAuthentication || pending === undefined) throw violation("AUTH continues no exchange");
  return step(core, connection, pending, data);
}

/** 4.12.1: the client goes on meanwhile as it was; if it fails, its connection ends [MQTT-4.12.1-2]. */
function reauthenticate(core: Core, connection: Connection, method: string, data: Uint8Array | undefined): Promise<void> | undefined {
  const session = connection.session!;
  const request = {
    clientId: session.clientId,
    userName: session.userName,
    version: connection.version,
    cleanStart: false,
    peer: connection.socket.peer(),
    listener: connection.listener.name,
    reauthentication: { clientId: session.clientId, userName: session.userName },
  };
  const authenticator = connection.listener.enhanced.get(method);
  if (authenticator === undefined) {
    throw new ProtocolError(ReasonCode.BadAuthenticationMethod, `authentication method '${method}' is one of this broker no more`);
  }
  const exchange = authenticator.begin(request);
  const proceed: Proceed = (verdict, answer) => {
    if (connection.phase !== Phase.Connected) return undefined;
    if (!verdict.allowed) connection.close(verdict.reasonCode, verdict.reasonString ?? "not authorised", verdict.serverReference);
    else if (isSomeoneElse(verdict, request)) connection.close(ReasonCode.NotAuthorized, "re-authentication as somebody else");
    else send(connection, ReasonCode.Success, method, answer);
    return undefined;
  };
  return step(core, connection, pendingExchange(connection, method, exchange, proceed), data);
}

function isSomeoneElse(verdict: Admission, request: { readonly clientId: string; readonly userName: string | undefined }): boolean {
  return (verdict.clientId ?? request.clientId) !== request.clientId || (verdict.userName ?? request.userName) !== request.userName;
}

function step(core: Core, connection: Connection, pending: PendingExchange, data: Uint8Array | undefined): Promise<void> | undefined {
  const tookMs = connection.context.uptimeMs() - pending.sinceMs;
  if (++pending.steps > MAX_STEPS || tookMs > connection.listener.connectTimeoutMs) {
    core.counters.authenticationsTooLong++;
    throw new ProtocolError(ReasonCode.NotAuthorized, "the authentication exchange takes too long");
  }
  core.exchanges.set(connection, pending);
  const next = nextStep(core, pending.exchange, data);
  return next instanceof Promise ? next.then((result) => take(core, connection, pending, result)) : take(core, connection, pending, next);
}

function nextStep(core: Core, exchange: EnhancedExchange, data: Uint8Array | undefined): Step | Promise<Step> {
  const refusal = (error: unknown): Step => ({ done: true, verdict: failed(core, error) });
  try {
    const next = exchange.step(data);
    return next instanceof Promise ? next.catch(refusal) : next;
  } catch (error) {
    return refusal(error);
  }
}

function take(core: Core, connection: Connection, pending: PendingExchange, result: Step): Promise<void> | undefined {
  if (connection.phase >= Phase.Closing) return undefined;
  if (!result.done) {
    send(connection, ReasonCode.ContinueAuthentication, pending.method, result.data); // [MQTT-4.12.0-2]
    return undefined;
  }
  core.exchanges.delete(connection);
  if (result.verdict.allowed) core.counters.authenticationsSucceeded++;
  else core.counters.authenticationsFailed++;
  return pending.proceed(result.verdict, result.data);
}

function send(connection: Connection, reasonCode: ReasonCode, authenticationMethod: string, data: Uint8Array | undefined): void {
  const properties = data === undefined ? { authenticationMethod } : { authenticationMethod, authenticationData: data };
  connection.send({ type: PacketType.Auth, reasonCode, properties });
}
