import type { IncomingMessage, ServerResponse } from "node:http";
import type * as z from "zod";
import type { AdminScope } from "../config/admin-files.js";
import type { Page } from "./lists/page.js";

/** Who asks. */
export interface Caller {
  /** The token's name, or "anyone" where none is asked for. */
  readonly name: string;
  readonly scope: AdminScope;
  /** Where the request comes from, or the peer that hands it on. */
  readonly address: string;
}

/** A request that may be made and is understood. */
export interface AdminRequest<Query = unknown, Body = unknown> {
  readonly caller: Caller;
  /** What stands in the path for `:name`, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** What the port was called by: the header Host, unchecked. Undefined where another broker asks. */
  readonly host?: string | undefined;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Tells the audit log more of what is changed; never what may be a secret. */
  note(fields: Readonly<Record<string, unknown>>): void;
}

/** An answer as JSON. */
export interface JsonAnswer {
  /** @default 200, or 204 without `json` */
  readonly status?: number;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One page of a list. */
export interface PageAnswer {
  readonly page: Page;
  /** Brokers of the cluster that did not answer. */
  readonly missing?: readonly string[];
}

/** An answer in some other form. */
export interface TextAnswer {
  readonly status?: number;
  readonly contentType: string;
  readonly text: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is written by and by; the request does not count as one in progress any more. */
export interface StreamAnswer {
  stream(response: ServerResponse, request: IncomingMessage): void;
}

export type Answer = JsonAnswer | PageAnswer | TextAnswer | StreamAnswer;

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** One thing that can be asked for. */
export interface Route {
  readonly method: Method;
  /** For example `/api/v1/clients/:clientId`. */
  readonly path: string;
  /** What the caller needs; "none" for what anyone may see, whatever name the port is called by. */
  readonly scope: AdminScope | "none";
  /** What it does, for the OpenAPI document. */
  readonly summary: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** What a good answer holds, for the OpenAPI document; none for 204. */
  readonly answer?: z.ZodType;
  /** @default application/json */
  readonly contentType?: string;
  /** Status of a good answer. @default 200, or 204 without `answer` */
  readonly status?: number;
  /**
   * How the brokers of a cluster answer, unless `?node=` names one of them: "list" page by page, one broker after the other; "all" with the
   * `data` of all together; "owner" by the one that has what is asked for. @default - by the broker that is asked
   */
  readonly cluster?: "list" | "all" | "owner";
  // A table of routes cannot have a type parameter for each.
  // biome-ignore lint/suspicious/noExplicitAny: `query` and `body` have been parsed by the schemas beside it
  handle(request: AdminRequest<any, any>): Answer | Promise<Answer>;
}

/** Gives `handle` the types that the schemas beside it parse to. */
export function route<Query extends z.ZodType = z.ZodUnknown, Body extends z.ZodType = z.ZodUnknown>(
  definition: Omit<Route, "handle" | "query" | "body"> & {
    readonly query?: Query;
    readonly body?: Body;
    handle(request: AdminRequest<z.infer<Query>, z.infer<Body>>): Answer | Promise<Answer>;
  },
): Route {
  return definition;
}
