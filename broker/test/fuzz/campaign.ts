import { setTimeout as sleep } from "node:timers/promises";
import type { ProtocolVersion, Qos } from "../../src/codec/packet.js";
import type { Ports } from "./attacker.js";
import { Probe } from "./probe.js";
import { Swarm } from "./swarm.js";
import { type Runtime, TargetProcess, type TargetReport } from "./target-process.js";
import { within } from "./within.js";
import { Witness } from "./witness.js";

export interface CampaignOptions {
  readonly runtime: Runtime;
  readonly seed: number;
  /** Mutated packets, over all phases. */
  readonly packets: number;
  /** Equal parts, after each of which the broker has to be as it was: two at least. */
  readonly phases: number;
  /** Number of the first attacker. @default 0 */
  readonly first?: number;
  /** Told once a second and after each phase. */
  readonly progress: (text: string) => void;
}

export interface CampaignResult {
  readonly packets: number;
  readonly connections: number;
  /** Packets that the broker took for packets, those of witnesses included. */
  readonly packetsReceived: number;
  readonly messagesWitnessed: number;
  /** After each phase, all attackers gone and garbage collected. */
  readonly heapBytes: readonly number[];
  readonly residentBytes: readonly number[];
  readonly seconds: number;
  /** Empty: nothing went wrong. */
  readonly problems: readonly string[];
}

const WITNESSES: readonly (readonly [ProtocolVersion, Qos])[] = ([3, 4, 5] as const).flatMap((version) =>
  ([0, 1, 2] as const).map((qos) => [version, qos] as const),
);
const MESSAGES_EACH_BEAT = 4;
const BEAT_MS = 10;
/** How long sessions, timers and sockets of attackers may outlast them, and messages of witnesses take. */
const SETTLE_MS = 40_000;
const POLL_MS = 100;
/** Above the target's interval of `$SYS`, 1 s. */
const TICK_MS = 1_100;
/** More problems than these tell nothing new. */
const MOST_PROBLEMS = 40;
/**
 * What the heap may grow by from the end of the first phase to the lowest end of one in the second half: below 10 B a connection in a full
 * run. The lowest, because remembered topics come and go in between: measured 21 to 25 MiB on Node over 500,000 packets.
 */
const MAX_HEAP_GROWTH_BYTES = 4 * 1024 * 1024;

/** Attacks one broker, while witnesses go on, and tells what went wrong. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const problems: string[] = [];
  const problem = (text: string) => {
    if (problems.length < MOST_PROBLEMS) problems.push(text);
  };
  const started = performance.now();
  const target = await TargetProcess.start(options.runtime, problem);
  const campaign = new Campaign(options, target, problem, problems);
  try {
    await campaign.run();
  } catch (error) {
    problem((error as Error).message);
  } finally {
    campaign.end();
    await target.stop(problem);
  }
  return { ...campaign.figures, seconds: (performance.now() - started) / 1000, problems };
}

class Campaign {
  readonly #options: CampaignOptions;
  readonly #target: TargetProcess;
  readonly #problem: (text: string) => void;
  readonly #problems: readonly string[];
  readonly #swarm: Swarm;
  readonly #witnesses: Witness[] = [];
  readonly #reports: TargetReport[] = [];
  #probe: Probe | undefined;
  #beat: NodeJS.Timeout | undefined;

  constructor(options: CampaignOptions, target: TargetProcess, problem: (text: string) => void, problems: readonly string[]) {
    this.#options = options;
    this.#target = target;
    this.#problem = problem;
    this.#problems = problems;
    const { seed, first = 0 } = options;
    this.#swarm = new Swarm({ ports: target.ports as Ports, seed, first, problem });
  }

  get figures(): Omit<CampaignResult, "seconds" | "problems"> {
    return {
      packets: this.#swarm.packets,
      connections: this.#swarm.connections - (this.#options.first ?? 0),
      packetsReceived: this.#reports.at(-1)?.packetsReceived ?? 0,
      messagesWitnessed: this.#witnesses.reduce((sum, { received }) => sum + received, 0),
      heapBytes: this.#reports.map(({ heapBytes }) => heapBytes),
      residentBytes: this.#reports.map(({ residentBytes }) => residentBytes),
    };
  }

  async run(): Promise<void> {
    const { packets, phases } = this.#options;
    const port = this.#target.ports.tcp!;
    for (const [version, qos] of WITNESSES) this.#witnesses.push(await Witness.start(port, version, qos, this.#problem));
    this.#probe = await Probe.start(port);
    const before = await this.#restState();
    for (let phase = 1; phase <= phases && !this.#isOver(); phase++) {
      await this.#attack(Math.ceil(packets / phases));
      await this.#settle(before);
      if (this.#isOver()) return;
      this.#options.progress(`phase ${phase} of ${phases}: ${this.#memory()}`);
    }
    if (this.#isOver()) return;
    const heap = this.figures.heapBytes;
    const growth = Math.min(...heap.slice(Math.floor(heap.length / 2))) - heap[0]!;
    if (growth > MAX_HEAP_GROWTH_BYTES) this.#problem(`the heap has grown by ${mebibytes(growth)} since the end of the first phase`);
  }

  end(): void {
    clearInterval(this.#beat);
    for (const witness of this.#witnesses) witness.end();
    this.#probe?.end();
  }

  async #attack(packets: number): Promise<void> {
    this.#beat = setInterval(() => {
      for (const witness of this.#witnesses) witness.publish(MESSAGES_EACH_BEAT);
    }, BEAT_MS);
    const { progress } = this.#options;
    const ticker = setInterval(() => progress(`${this.#swarm.packets} packets, ${this.#swarm.connections} connections`), 1_000);
    try {
      await this.#swarm.send(packets, () => this.#isOver());
    } finally {
      clearInterval(this.#beat);
      clearInterval(ticker);
    }
  }

  /** Once attackers have gone, witnesses have got everything, and nothing is left in the broker but what was there before. */
  async #settle(before: string): Promise<void> {
    const deadline = performance.now() + SETTLE_MS;
    for (const witness of this.#witnesses) {
      if (!(await within(witness.drained(), deadline - performance.now()))) this.#problem(`messages are missing: ${witness}`);
    }
    if (this.#isOver()) return;
    for (;;) {
      await this.#target.clear(); // again each time, as a will that is retained may have come meanwhile
      const now = await this.#state();
      if (now === before) break;
      if (performance.now() > deadline) {
        this.#problem(`something is left ${SETTLE_MS / 1000} s after the attackers: ${now}; before them: ${before}`);
        break;
      }
      await sleep(POLL_MS);
    }
    this.#reports.push(await this.#target.report());
  }

  async #restState(): Promise<string> {
    const deadline = performance.now() + SETTLE_MS;
    while (!this.#probe!.isComplete && performance.now() < deadline) await sleep(POLL_MS);
    // The counts of one tick may have been made before the probe was there; the next tick's are complete.
    for (let last = ""; performance.now() < deadline; await sleep(TICK_MS)) {
      const now = await this.#state();
      if (now === last) return now;
      last = now;
    }
    throw new Error("the broker does not come to rest before the attack");
  }

  async #state(): Promise<string> {
    const { connectionsOpen, openFiles } = await this.#target.report();
    return `connections ${connectionsOpen}, open files ${openFiles}, ${this.#probe!.holdings}`;
  }

  #isOver(): boolean {
    return this.#problems.length >= MOST_PROBLEMS || this.#target.hasExited;
  }

  #memory(): string {
    const { heapBytes, residentBytes, connectionsAccepted } = this.#reports.at(-1)!;
    return `${connectionsAccepted} connections so far, heap ${mebibytes(heapBytes)}, resident ${mebibytes(residentBytes)}`;
  }
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
