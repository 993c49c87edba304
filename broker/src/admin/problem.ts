import { STATUS_CODES } from "node:http";

/** Why a request is not granted: what its answer says, by RFC 9457. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly status: number,
    readonly detail: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }

  toJSON(): { title: string; status: number; detail: string } {
    return { title: STATUS_CODES[this.status] ?? "Error", status: this.status, detail: this.detail };
  }
}
