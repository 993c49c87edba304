import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";

export interface HttpClientSettings {
  /** Begins with http:// or https://. */
  readonly url: string;
  /** Names and values that go with each request; may hold secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** PEM texts. @default - the runtime's authorities, and no certificate of our own */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** How long an answer may take, waiting for a connection included. */
  readonly timeoutMs: number;
  /** Connections, and requests at a time. */
  readonly maxConnections: number;
  /** Requests that wait for a connection. */
  readonly maxWaiting: number;
  readonly maxAnswerBytes: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** There is no answer. The message tells neither what was asked nor what came back. */
export class HttpFailure extends Error {
  override readonly name: string = "HttpFailure";
}

/** As many requests wait as may. */
export class HttpBusy extends HttpFailure {
  override readonly name = "HttpBusy";
}

/** What a server that closes an idle connection just then does to the next request on it. */
const STALE_CODES = ["ECONNRESET", "EPIPE"];

interface Job {
  readonly method: "GET" | "POST";
  /** Made when it is sent, so that who waits costs little. */
  readonly body: (() => string) | undefined;
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: HttpFailure) => void;
  timer: NodeJS.Timeout | undefined;
  request: ClientRequest | undefined;
  isRetry: boolean;
}

/**
 * Asks one URL, over a bounded number of connections that are kept. Follows no redirect.
 *
 * By `node:http`, as that works alike on Node and Bun (1.4.5: keeps connections, closes those of requests that are given up). `undici` does
 * not: Bun puts its own in its place, with an `Agent` that bounds nothing.
 */
export class HttpClient {
  readonly #settings: HttpClientSettings;
  readonly #url: URL;
  readonly #agent: HttpAgent;
  readonly #waiting = new Set<Job>();
  #active = 0;
  #isClosed = false;
  readonly #whenIdle: (() => void)[] = [];

  constructor(settings: HttpClientSettings) {
    this.#settings = settings;
    this.#url = new URL(settings.url);
    const sockets = { keepAlive: true, maxSockets: settings.maxConnections, maxFreeSockets: settings.maxConnections };
    this.#agent = this.#url.protocol === "https:" ? new HttpsAgent({ ...sockets, ...settings.tls }) : new HttpAgent(sockets);
  }

  /** What is asked, fit for a log: without the query, which may hold a secret. */
  get target(): string {
    return this.#url.origin + this.#url.pathname;
  }

  /** Requests that wait for a connection. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Rejects with `HttpFailure` only. */
  get(): Promise<HttpAnswer> {
    return this.#ask("GET", undefined);
  }

  /** Sends JSON. Rejects with `HttpFailure` only. */
  post(body: () => string): Promise<HttpAnswer> {
    return this.#ask("POST", body);
  }

  /**
   * Keeps no connection any more, and resolves once all requests under way are answered, at the latest after the time limit. What is asked
   * afterwards is still answered.
   */
  close(): Promise<void> {
    this.#isClosed = true;
    if (this.#active > 0) return new Promise((resolve) => this.#whenIdle.push(resolve));
    this.#agent.destroy();
    return Promise.resolve();
  }

  #ask(method: Job["method"], body: Job["body"]): Promise<HttpAnswer> {
    const { maxConnections, maxWaiting, timeoutMs } = this.#settings;
    if (this.#active >= maxConnections && this.#waiting.size >= maxWaiting) {
      return Promise.reject(new HttpBusy(`${maxWaiting} requests wait already`));
    }
    return new Promise((resolve, reject) => {
      const job: Job = { method, body, resolve, reject, timer: undefined, request: undefined, isRetry: false };
      job.timer = setTimeout(() => this.#settle(job, new HttpFailure(`no answer within ${timeoutMs} ms`)), timeoutMs);
      if (this.#active < maxConnections) this.#start(job);
      else this.#waiting.add(job);
    });
  }

  #start(job: Job): void {
    this.#active++;
    try {
      this.#send(job, job.body?.());
    } catch (error) {
      this.#settle(job, new HttpFailure("the request could not be made", { cause: error }));
    }
  }

  #send(job: Job, body: string | undefined): void {
    const headers: Record<string, string | number> = { ...this.#settings.headers, accept: "application/json" };
    if (body !== undefined) {
      headers["content-type"] = "application/json";
      headers["content-length"] = Buffer.byteLength(body);
    }
    const send = this.#url.protocol === "https:" ? requestHttps : requestHttp;
    const request = send(this.#url, { method: job.method, agent: this.#agent, headers });
    job.request = request;
    request.on("response", (response) => this.#read(job, response));
    request.on("error", (error: NodeJS.ErrnoException) => {
      if (job.request !== request) return; // given up
      // The server may close a connection while nothing is asked; that says nothing about the request.
      if (request.reusedSocket && !job.isRetry && STALE_CODES.includes(error.code ?? "")) {
        job.isRetry = true;
        this.#send(job, body);
        return;
      }
      this.#settle(job, new HttpFailure(error.code ?? "the connection failed"));
    });
    request.end(body);
  }

  #read(job: Job, response: IncomingMessage): void {
    const { maxAnswerBytes } = this.#settings;
    const chunks: Buffer[] = [];
    let length = 0;
    response.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxAnswerBytes) this.#settle(job, new HttpFailure(`an answer of more than ${maxAnswerBytes} bytes`));
      else chunks.push(chunk);
    });
    response.on("end", () => this.#settle(job, { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    response.on("error", () => this.#settle(job, new HttpFailure("the answer broke off")));
    response.on("close", () => this.#settle(job, new HttpFailure("the answer broke off")));
  }

  /** The first end of a job counts. */
  #settle(job: Job, end: HttpAnswer | HttpFailure): void {
    if (job.timer === undefined) return;
    clearTimeout(job.timer);
    job.timer = undefined;
    const { request } = job;
    job.request = undefined;
    if (end instanceof HttpFailure) {
      request?.destroy();
      job.reject(end);
    } else {
      job.resolve(end);
    }
    if (!this.#waiting.delete(job)) this.#next();
  }

  #next(): void {
    this.#active--;
    for (const job of this.#waiting) {
      this.#waiting.delete(job);
      this.#start(job);
      return;
    }
    if (!this.#isClosed || this.#active > 0) return;
    this.#agent.destroy();
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
