import { hostname } from "node:os";
import { encode } from "../codec/codec.js";
import { PacketType } from "../codec/packet.js";
import type { BenchOptions } from "./options.js";
import { Template } from "./template.js";

/** What clients are called, and what they say of themselves in CONNECT. */
export class Naming {
  readonly #options: BenchOptions;
  readonly #prefix: string;
  readonly #userName: Template | undefined;
  readonly #password: Template | undefined;
  readonly #filters: readonly Template[];

  constructor(options: BenchOptions, runId: number) {
    this.#options = options;
    const { prefix, hasShortIds, command, sourceAddresses } = options;
    const own = `${sourceAddresses[0] ?? hostname()}_bench_${command}_${runId}_`;
    this.#prefix = hasShortIds ? (prefix ?? "") : prefix === undefined ? own : `${prefix}_bench_${command}_`;
    this.#userName = options.userName === undefined ? undefined : new Template(options.userName);
    this.#password = options.password === undefined ? undefined : new Template(options.password);
    this.#filters = options.filters.map((filter) => new Template(filter));
  }

  clientId(number: number): string {
    return `${this.#prefix}${number}`;
  }

  filters(number: number): readonly string[] {
    return this.#filters.map((filter) => this.render(filter, number, 0));
  }

  render(template: Template, number: number, sequence: number): string {
    return template.render({ number, clientId: this.clientId(number), userName: this.#userNameOf(number), sequence });
  }

  connectFrame(number: number): Uint8Array {
    const { version, isCleanStart, keepAliveSeconds, sessionExpirySeconds } = this.#options;
    const values = { number, clientId: this.clientId(number), userName: "", sequence: 0 };
    const hasExpiry = version === 5 && sessionExpirySeconds > 0;
    return encode(
      {
        type: PacketType.Connect,
        version,
        cleanStart: isCleanStart,
        keepAliveSeconds,
        clientId: values.clientId,
        ...(this.#userName && { userName: this.#userName.render(values) }),
        ...(this.#password && { password: Buffer.from(this.#password.render(values)) }),
        properties: hasExpiry ? { sessionExpiryIntervalSeconds: sessionExpirySeconds } : {},
      },
      version,
    );
  }

  #userNameOf(number: number): string {
    return this.#userName?.render({ number, clientId: this.clientId(number), userName: "", sequence: 0 }) ?? "";
  }
}
