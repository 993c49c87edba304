import { createHash } from "node:crypto";
import type { WebSocketOptions } from "../listener.js";
import { headerTokens, parseUpgradeRequest, type UpgradeRequest } from "./upgrade-request.js";

/** What a request for a WebSocket is answered with. */
export interface UpgradeAnswer {
  readonly accepted: boolean;
  /** Why not, for the log; empty if accepted. */
  readonly reason: string;
  /** The HTTP response. */
  readonly bytes: Uint8Array;
}

/** What a refusal says beyond its reason. */
interface Refusal {
  readonly status: string;
  readonly reason: string;
  readonly headers?: readonly string[];
}

/** Added to the client's key; any WebSocket server's (RFC 6455, 1.3). */
const KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** 16 bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

/** Sub-protocols, best first: "mqtt" of 3.1.1 and 5.0, and what 3.1 clients ask for. */
const SUB_PROTOCOLS = ["mqtt", "mqttv3.1"];

/** Answers the head of a request, given without the empty line at its end. */
export function answerUpgrade(head: string, options: WebSocketOptions): UpgradeAnswer {
  const request = parseUpgradeRequest(head);
  if (request === undefined) return refused({ status: "400 Bad Request", reason: "not an HTTP/1.1 request" });
  const refusal = refusalOf(request, options);
  return refusal === undefined ? accepted(request) : refused(refusal);
}

/** The answer to a head that is longer than the limit. */
export function answerTooLong(): UpgradeAnswer {
  return refused({ status: "431 Request Header Fields Too Large", reason: "request head is too long" });
}

function refusalOf({ method, path, headers }: UpgradeRequest, options: WebSocketOptions): Refusal | undefined {
  if (path !== options.path) return { status: "404 Not Found", reason: `path is not ${options.path}` };
  if (method !== "GET") return { status: "405 Method Not Allowed", reason: `method is ${method}`, headers: ["Allow: GET"] };
  if (!headers.get("host")) return { status: "400 Bad Request", reason: "request has no Host" };
  if (!hasToken(headers.get("upgrade"), "websocket") || !hasToken(headers.get("connection"), "upgrade")) {
    return { status: "426 Upgrade Required", reason: "request does not ask for a WebSocket", headers: ["Upgrade: websocket"] };
  }
  if (headers.get("sec-websocket-version") !== "13") {
    return { status: "426 Upgrade Required", reason: "version is not 13", headers: ["Upgrade: websocket", "Sec-WebSocket-Version: 13"] };
  }
  if (!KEY.test(headers.get("sec-websocket-key") ?? "")) return { status: "400 Bad Request", reason: "Sec-WebSocket-Key is not 16 bytes" };
  // [MQTT-6.0.0-3]
  if (subProtocolOf(headers) === undefined) return { status: "400 Bad Request", reason: "sub-protocol mqtt is not offered" };
  return originRefusal(headers.get("origin"), options);
}

/** Programs that are no browsers send no origin, and could send any. */
function originRefusal(origin: string | undefined, { allowedOrigins }: WebSocketOptions): Refusal | undefined {
  if (origin === undefined || allowedOrigins === undefined || allowedOrigins.includes(origin)) return undefined;
  return { status: "403 Forbidden", reason: "origin is not allowed" };
}

function accepted({ headers }: UpgradeRequest): UpgradeAnswer {
  const accept = createHash("sha1")
    .update(`${headers.get("sec-websocket-key")}${KEY_SUFFIX}`)
    .digest("base64");
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    `Sec-WebSocket-Protocol: ${subProtocolOf(headers)}`, // [MQTT-6.0.0-4]
  ];
  return { accepted: true, reason: "", bytes: Buffer.from(`${lines.join("\r\n")}\r\n\r\n`) };
}

function refused({ status, reason, headers = [] }: Refusal): UpgradeAnswer {
  const body = `${reason}\n`;
  const lines = [
    `HTTP/1.1 ${status}`,
    ...headers,
    "Connection: close",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return { accepted: false, reason, bytes: Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`) };
}

function subProtocolOf(headers: ReadonlyMap<string, string>): string | undefined {
  const offered = headerTokens(headers.get("sec-websocket-protocol"));
  return SUB_PROTOCOLS.find((name) => offered.includes(name));
}

function hasToken(value: string | undefined, token: string): boolean {
  return headerTokens(value).some((one) => one.toLowerCase() === token);
}
