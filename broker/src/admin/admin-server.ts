import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { AdminConfig } from "../config/admin-files.js";
import type { Log } from "../log.js";
import { AccessGuard } from "./access-guard.js";
import { audit } from "./audit.js";
import { Connections } from "./connections.js";
import { parsed } from "./parsed.js";
import { Problem } from "./problem.js";
import { readBody } from "./read-body.js";
import type { AdminRequest, Answer, Caller, Route, StreamAnswer } from "./route.js";
import { type Found, RouteTable } from "./route-table.js";
import { sendAnswer, sendPage, statusOf } from "./send-answer.js";

/** Requests that are worked at; a dashboard has a few, Prometheus one. */
const MOST_REQUESTS = 64;
/** Answers that go on for as long as they are wanted. */
const MOST_STREAMS = 32;
/** A broker that serves a million clients should not spend its open files here. */
const MOST_CONNECTIONS = 1_024;
const MOST_HEADER_BYTES = 16_384;
const HEADERS_WITHIN_MS = 5_000;
const REQUEST_WITHIN_MS = 15_000;
const IDLE_CONNECTION_MS = 30_000;
/** What is left of answers when the broker stops. */
const STOP_WITHIN_MS = 500;

/** Who asks where everyone may. */
const NOBODY: Caller = { name: "anyone", scope: "read", address: "" };

export interface AdminServerOptions {
  readonly config: AdminConfig;
  readonly routes: readonly Route[];
  readonly log: Log;
}

/** Serves operators by HTTP, and holds them to bounds that keep MQTT clients unharmed. */
export class AdminServer {
  readonly #options: AdminServerOptions;
  readonly #guard: AccessGuard;
  readonly #table: RouteTable;
  readonly #connections = new Connections(MOST_CONNECTIONS);
  #server: Server | undefined;
  #inProgress = 0;
  #streams = 0;

  constructor(options: AdminServerOptions) {
    this.#options = options;
    this.#guard = new AccessGuard(options.config);
    this.#table = new RouteTable(options.routes);
  }

  /** Where it listens, once it does. */
  get address(): { readonly host: string; readonly port: number } | undefined {
    const bound = this.#server?.address() as AddressInfo | null | undefined;
    return bound ? { host: bound.address, port: bound.port } : undefined;
  }

  /** Takes other tokens and names, from the next request on. */
  configure(config: AdminConfig): void {
    this.#guard.configure(config);
  }

  async start(): Promise<void> {
    const { host, port } = this.#options.config;
    const server = createServer(
      {
        maxHeaderSize: MOST_HEADER_BYTES,
        headersTimeout: HEADERS_WITHIN_MS,
        requestTimeout: REQUEST_WITHIN_MS,
        connectionsCheckingInterval: 1_000,
        keepAliveTimeout: IDLE_CONNECTION_MS,
      },
      (request, response) => void this.#serve(request, response),
    );
    server.on("connection", (socket) => this.#connections.opened(socket));
    server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => refuseClient(error, socket));
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ host, port }, () => {
          server.off("error", reject);
          resolve();
        });
      });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const remedy = code === "EADDRINUSE" ? "; name another by admin.port (--admin-port), or off" : "";
      throw new Error(`admin port on ${host}:${port}: ${message}${remedy}`, { cause: error });
    }
    server.on("error", (error) => this.#options.log.error({ err: error }, "the admin port accepts nobody at the moment"));
    this.#server = server;
    this.#options.log.info({ ...this.address }, "the admin port is open");
  }

  /** Lets answers under way out, for a moment, and closes. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const timer = setTimeout(() => this.#connections.closeAll(), STOP_WITHIN_MS);
    await closed;
    clearTimeout(timer);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request;
    this.#connections.begins(socket);
    request.on("error", () => {}); // who sends has gone
    response.on("error", () => {});
    response.once("close", () => this.#connections.done(socket));
    try {
      const answer = await this.#answer(request, response);
      if ("stream" in answer) this.#stream(answer, request, response);
      else if ("page" in answer) await sendPage(response, answer);
      else sendAnswer(response, answer);
    } catch (error) {
      const problem = this.#problemOf(error, request);
      // What was not read of the body would be taken for the next request.
      const headers = request.complete ? problem.headers : { ...problem.headers, Connection: "close" };
      sendAnswer(response, { status: problem.status, json: problem, headers });
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<Answer> {
    const { method = "", url = "" } = request;
    const mark = url.indexOf("?");
    const path = mark < 0 ? url : url.slice(0, mark);
    const found = this.#table.find(method === "HEAD" ? "GET" : method, path);
    const fields = new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
    if (found.route.scope === "none") return this.#handle(found, NOBODY, fields, request, response);
    this.#guard.checkOrigin(request);
    const caller = this.#guard.identify(request);
    // Health is asked for by who ends the process if there is no answer, hence not counted here.
    if (this.#inProgress >= MOST_REQUESTS) throw new Problem(503, "as many requests are worked at as may be", { "Retry-After": "1" });
    this.#inProgress++;
    try {
      return await this.#handle(found, caller, fields, request, response);
    } finally {
      this.#inProgress--;
    }
  }

  async #handle(
    { route, params }: Found,
    caller: Caller,
    fields: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Answer> {
    const aborter = new AbortController();
    response.once("close", () => aborter.abort());
    const notes: Record<string, unknown> = {};
    const note: AdminRequest["note"] = (more) => void Object.assign(notes, more);
    let status = 500;
    try {
      if (route.scope === "admin" && caller.scope !== "admin") {
        throw new Problem(403, "the token may only look: this takes one of scope admin");
      }
      const query = parsed(route.query, fields);
      const body = parsed(route.body, route.method === "GET" ? undefined : await readBody(request));
      const answer = await route.handle({ caller, params, query, body, host: request.headers.host, signal: aborter.signal, note });
      status = statusOf(answer);
      return answer;
    } catch (error) {
      if (error instanceof Problem) status = error.status;
      throw error;
    } finally {
      audit(this.#options.log, route, caller, { params, status, notes });
    }
  }

  #stream(answer: StreamAnswer, request: IncomingMessage, response: ServerResponse): void {
    if (this.#streams >= MOST_STREAMS) throw new Problem(503, "as many streams are open as may be", { "Retry-After": "10" });
    this.#streams++;
    response.once("close", () => this.#streams--);
    answer.stream(response, request);
  }

  #problemOf(error: unknown, { method, url }: IncomingMessage): Problem {
    if (error instanceof Problem) return error;
    this.#options.log.error({ err: error, method, path: url?.split("?")[0] }, "a request to the admin port could not be handled");
    return new Problem(500, "it could not be done; the broker's log says why");
  }
}

function refuseClient(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) return;
  const isLate = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
  const isLong = error.code === "HPE_HEADER_OVERFLOW";
  const status = isLate ? "408 Request Timeout" : isLong ? "431 Request Header Fields Too Large" : "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
