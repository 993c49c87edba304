/** How long an answer may take. */
const WITHIN_MS = 15_000;
/** Entries asked for at a time; the broker works at them in slices. */
const PAGE = 1_000;

/** Nobody answers at the admin port. */
export class Unreachable extends Error {}

/** The broker says no, and why. */
export class Refused extends Error {}

export interface AdminAddress {
  readonly url: string;
  readonly token: string | undefined;
  /** Which broker of a cluster is meant; all, or whichever has it, unless given. */
  readonly node: string | undefined;
}

/** One page of a list. */
export interface Rows {
  readonly data: readonly Readonly<Record<string, unknown>>[];
  /** Brokers that did not answer. */
  readonly missing: readonly string[];
}

/** Asks a broker's admin API. */
export class ApiClient {
  readonly #address: AdminAddress;

  constructor(address: AdminAddress) {
    this.#address = address;
  }

  // biome-ignore lint/suspicious/noExplicitAny: what the API answers is told by its OpenAPI document
  async ask(method: string, path: string, query: Readonly<Record<string, string | undefined>> = {}, body?: unknown): Promise<any> {
    const { url, token, node } = this.#address;
    const fields = Object.entries({ ...query, node: NODELESS.test(path) ? undefined : node });
    const given = new URLSearchParams(fields.flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]])));
    const target = `${url.replace(/\/$/, "")}/api/v1${path}${given.size > 0 ? `?${given}` : ""}`;
    const response = await fetch(target, {
      method,
      headers: {
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(WITHIN_MS),
      redirect: "error",
    }).catch((error: Error) => {
      throw new Unreachable(
        `${url} does not answer (${reasonOf(error)}): is mqttd running, and its admin port open? --admin names another`,
      );
    });
    const text = await response.text();
    if (response.ok) return text === "" ? undefined : JSON.parse(text);
    throw new Refused(refusalOf(response.status, text));
  }

  /** A list, page by page. */
  async *list(path: string, query: Readonly<Record<string, string | undefined>> = {}): AsyncGenerator<Rows> {
    let cursor: string | undefined;
    do {
      const { data, meta } = await this.ask("GET", path, { ...query, limit: String(PAGE), cursor });
      yield { data, missing: meta.missing ?? [] };
      cursor = meta.cursor;
    } while (cursor !== undefined);
  }
}

/** What is the same on all brokers of a cluster. */
const NODELESS = /^\/(?:retained|bans|publish|cluster)(?:\/|$)/;

function reasonOf(error: Error): string {
  const { code, message } = (error.cause as NodeJS.ErrnoException | undefined) ?? (error as NodeJS.ErrnoException);
  return code ?? message;
}

function refusalOf(status: number, text: string): string {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    if (typeof detail === "string") return status === 401 ? `${detail}: set MQTTD_ADMIN_TOKEN, or use --token-file` : detail;
  } catch {
    // It is no broker that answers.
  }
  return `the answer is ${status}, and not of mqttd`;
}
