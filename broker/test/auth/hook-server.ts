import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer, type ServerOptions } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";

/** What the server does with a request, whose body has been read. */
export type Behaviour = (response: ServerResponse, question: unknown, request: IncomingMessage) => void;

/** Answers with JSON. */
export const json =
  (answer: unknown, status = 200): Behaviour =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  };

export const stall: Behaviour = () => {};
export const reset: Behaviour = (_, __, request) => void request.socket.resetAndDestroy();

/** A real HTTP server that behaves as a test wants, and counts. */
export class HookServer {
  behaviour: Behaviour;
  /** Bodies of the requests, as they came. */
  readonly bodies: string[] = [];
  readonly requests: IncomingMessage[] = [];
  readonly sockets = new Set<Socket>();
  connections = 0;
  mostOpen = 0;
  readonly #server;
  readonly #scheme;

  constructor(behaviour: Behaviour, tls?: ServerOptions) {
    this.behaviour = behaviour;
    this.#scheme = tls === undefined ? "http" : "https";
    const listener = (request: IncomingMessage, response: ServerResponse) => this.#take(request, response);
    this.#server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on("connection", (socket: Socket) => {
      this.connections++;
      this.sockets.add(socket);
      this.mostOpen = Math.max(this.mostOpen, this.sockets.size);
      socket.on("error", () => {}); // a client that gives up is one of the things tested
      socket.on("close", () => this.sockets.delete(socket));
    });
    this.#server.on("tlsClientError", () => {});
  }

  /** One that ends with the test. */
  static async start(behaviour: Behaviour, tls?: ServerOptions): Promise<HookServer> {
    const server = new HookServer(behaviour, tls);
    await server.listen();
    onTestFinished(() => server.close());
    return server;
  }

  get url(): string {
    return `${this.#scheme}://localhost:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  listen(port = 0): Promise<void> {
    return new Promise((resolve) => this.#server.listen(port, "localhost", resolve));
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      this.bodies.push(body);
      this.requests.push(request);
      this.behaviour(response, body === "" ? undefined : JSON.parse(body), request);
    });
    request.on("error", () => {});
  }
}
