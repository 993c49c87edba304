/** Topic aliases of one connection towards its client: the first topics get one each, and keep it [MQTT-3.3.2-11]. */
export class OutboundAliases {
  readonly #maximum: number;
  readonly #aliases = new Map<string, number>();

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  /** The alias that stands for a topic the client has seen; 0 if it has none. */
  known(topic: string): number {
    return this.#aliases.get(topic) ?? 0;
  }

  /** Gives a topic an alias, to be sent along with it; 0 if all are taken. */
  assign(topic: string): number {
    if (this.#aliases.size >= this.#maximum) return 0;
    const alias = this.#aliases.size + 1;
    this.#aliases.set(topic, alias);
    return alias;
  }
}
