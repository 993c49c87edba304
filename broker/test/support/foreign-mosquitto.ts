import type { TestContext } from "vitest";
import { PacketType } from "../../src/codec/packet.js";
import { eventually } from "./foreign-inbox.js";
import { Program } from "./foreign-program.js";
import type { TestBroker } from "./start-broker.js";
import { requireTool } from "./tools.js";

/** The versions of the protocol, as mosquitto's clients are told them. */
export const MOSQUITTO_VERSIONS = ["mqttv31", "mqttv311", "mqttv5"] as const;

/** mosquitto_pub, mosquitto_sub and mosquitto_rr, with a broker to talk to. */
export class Mosquitto {
  readonly #context: TestContext;
  readonly #broker: TestBroker;
  readonly #common: readonly string[];

  /** `args` go with each of the programs: version, certificates. `port` is the broker's first, or what stands before it. */
  constructor(context: TestContext, broker: TestBroker, args: readonly string[] = [], port = broker.port) {
    this.#context = context;
    this.#broker = broker;
    this.#common = ["-h", "127.0.0.1", "-p", `${port}`, ...args];
  }

  /** Publishes; has to succeed. */
  publish(args: readonly string[], input = ""): Promise<string> {
    return Program.output(this.#path("mosquitto_pub"), [...this.#common, ...args], input);
  }

  /** Publishes, and leaves it to the test to see whether it can. */
  tryToPublish(args: readonly string[]) {
    return Program.run(this.#path("mosquitto_pub"), [...this.#common, ...args]);
  }

  /** Connects, subscribes and goes, with the subscription acknowledged. */
  async subscribeAndLeave(args: readonly string[]): Promise<void> {
    await Program.output(this.#path("mosquitto_sub"), [...this.#common, "-E", ...args]);
  }

  /** Subscribes; ready when the broker has acknowledged it. Prints a line for each message. */
  async subscribe(args: readonly string[]): Promise<Program> {
    // The program says nothing of it that is not held back in its buffer, so the broker is asked.
    const { packetsSent } = this.#broker.broker.counters;
    const before = packetsSent[PacketType.Suback]!;
    const subscriber = Program.start(this.#path("mosquitto_sub"), [...this.#common, ...args]);
    await eventually(() => packetsSent[PacketType.Suback]! > before, "mosquitto_sub did not subscribe");
    return subscriber;
  }

  /** Asks and prints the answer; has to succeed. */
  request(args: readonly string[]): Promise<string> {
    return Program.output(this.#path("mosquitto_rr"), [...this.#common, ...args]);
  }

  #path(name: string): string {
    return requireTool(this.#context, name, "apt-get install mosquitto-clients");
  }
}
