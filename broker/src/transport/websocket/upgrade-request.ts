/** The head of an HTTP/1.1 request (RFC 9112). */
export interface UpgradeRequest {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  /** By name in lower case; values of one name joined by commas, as RFC 9110, 5.2 allows. */
  readonly headers: ReadonlyMap<string, string>;
}

const REQUEST_LINE = /^([A-Z]+) (\/[^ ?#]*)(?:\?[^ #]*)? HTTP\/1\.1$/;
const HEADER_LINE = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*([^\0\r\n]*?)[ \t]*$/;

/** Reads a head, given without the empty line at its end; undefined if it is none. */
export function parseUpgradeRequest(head: string): UpgradeRequest | undefined {
  const [requestLine = "", ...lines] = head.split("\r\n");
  const [, method, path] = REQUEST_LINE.exec(requestLine) ?? [];
  if (method === undefined || path === undefined) return undefined;

  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return { method, path, headers };
}

/** The comma-separated members of a header. */
export function headerTokens(value: string | undefined): string[] {
  return (value ?? "")
    .split(",")
    .map((token) => token.trim())
    .filter((token) => token !== "");
}
