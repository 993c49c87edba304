import { Agent, request } from "node:http";
import { adminRoutes } from "../../src/admin/admin-routes.js";
import { openApi } from "../../src/admin/openapi.js";
import { SYSTEM_CLOCK } from "../../src/clock.js";
import type { Config } from "../../src/config/config.js";
import { startBroker, type TestBroker, type TestBrokerOptions } from "../support/start-broker.js";
import { OpenApiCheck } from "./openapi-check.js";

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what it is, each test says
  readonly json: any;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly token?: string;
}

/** A request to the admin port, of which the path goes out as it is written. */
export function ask(port: number, path: string, { method = "GET", headers = {}, body, token }: Asked = {}): Promise<Reply> {
  const sent = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        ...{ host: "127.0.0.1", port, path, method, agent: new Agent() },
        headers: {
          ...(sent !== undefined && { "Content-Type": "application/json", "Content-Length": String(Buffer.byteLength(sent)) }),
          ...(token !== undefined && { Authorization: `Bearer ${token}` }),
          ...headers,
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = /json/.test(incoming.headers["content-type"] ?? "");
          resolve({
            status: incoming.statusCode!,
            headers: incoming.headers,
            text,
            json: isJson && text !== "" ? JSON.parse(text) : undefined,
          });
        });
        incoming.on("error", reject);
      },
    );
    outgoing.on("error", reject);
    outgoing.end(sent);
  });
}

const check = new OpenApiCheck(openApi(adminRoutes({ clock: SYSTEM_CLOCK } as never)) as never);

/** Answers are held to the OpenAPI document. */
export interface AdminBroker extends TestBroker {
  readonly adminPort: number;
  get(path: string, asked?: Asked): Promise<Reply>;
}

/** A broker in this process with an admin port, on a free port. */
export async function startAdmin(options: TestBrokerOptions = {}, admin: Partial<Config["admin"]> | object = {}): Promise<AdminBroker> {
  const started = await startBroker({ ...options, settings: { ...options.settings, admin: { port: 0, ...admin } } });
  const adminPort = started.broker.adminAddress?.port ?? 0;
  const get = async (path: string, asked: Asked = {}): Promise<Reply> => {
    const reply = await ask(adminPort, path, asked);
    if (path.startsWith("/api/v1/")) check.check(asked.method ?? "GET", path, reply);
    return reply;
  };
  return { ...started, adminPort, get };
}
