const TOKEN_KEY = "mqttd.token";

/** Why a request was not granted, in the broker's words. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** A list's page, or the answers of all brokers. */
export interface Answer<Item> {
  readonly data: readonly Item[];
  readonly meta: { readonly cursor?: string; readonly missing?: readonly string[] };
}

export interface Request {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

let onTokenWanted: (why: string) => void = () => {};

/** Called when the broker asks for a token, or does not take the one that it got. */
export function whenTokenWanted(act: (why: string) => void): void {
  onTokenWanted = act;
}

/** For as long as the browser's tab is open. */
export const token = {
  get: () => sessionStorage.getItem(TOKEN_KEY) ?? undefined,
  keep: (value: string) => sessionStorage.setItem(TOKEN_KEY, value),
  forget: () => sessionStorage.removeItem(TOKEN_KEY),
};

/**
 * Asks the API; undefined for an answer without a body.
 *
 * @throws ApiError
 */
export async function call<T>(path: string, request: Request = {}): Promise<T> {
  const response = await open(path, request);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** The same for an answer that goes on. */
export async function open(path: string, { method = "GET", query = {}, body, signal }: Request = {}): Promise<Response> {
  const bearer = token.get();
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const search = given.length > 0 ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : "";
  const response = await fetch(`/api/v1${path}${search}`, {
    method,
    ...(signal && { signal }),
    headers: {
      ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
      ...(body !== undefined && { "Content-Type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch((error: Error) => {
    throw error.name === "AbortError" ? error : new ApiError(0, "the broker does not answer");
  });
  if (response.ok) return response;
  const detail = await response.json().then(
    (problem: { detail?: string }) => problem.detail,
    () => undefined,
  );
  const why = detail ?? `the answer is ${response.status} ${response.statusText}`;
  if (response.status === 401) onTokenWanted(bearer === undefined ? "" : why);
  throw new ApiError(response.status, why);
}

/** Of a path. */
export const part = encodeURIComponent;
