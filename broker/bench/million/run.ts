import { setTimeout as sleep } from "node:timers/promises";
import { BrokerCounts } from "./broker-counts.js";
import { type RunningBrokers, startBrokers } from "./brokers.js";
import type { Children } from "./children.js";
import { BenchLoad } from "./load.js";
import { boundPortBytes, brokerEnds, childrenOf, type MachineMemory, memory, processBytes, sockets } from "./machine.js";
import type { MillionOptions } from "./options.js";
import { type Plan, RESERVE_BYTES } from "./plan.js";
import type { Counted, MemoryTaken, MillionResult, Moment, Sample } from "./result.js";

/** Nobody new for so long: then it goes no further. */
const STALL_MS = 60_000;
const COUNT_LIMIT_MS = 60_000;
const SAMPLE_LIMIT_MS = 60_000;
/** The kernel keeps a closed connection for a minute, and gives the memory of a million back as it comes to it. */
const RETURN_LIMIT_MS = 180_000;
/** What a machine that others use as well may differ by from before. */
const RETURN_TOLERANCE_BYTES = 512 * 2 ** 20;
const LOOK_MS = 1_000;
/** For all clients to leave, who yield to the brokers, and for their summary. */
const CLOSE_LIMIT_MS = 300_000;
const KERNEL_TRIES = 5;
/** Brokers whose warnings are told of, and how much of each. */
const MOST_QUOTED = 5;
const QUOTED_CHARACTERS = 1_000;
/** Connections that were under way when the ramp was ended are there by then, or have failed. */
const SETTLE_SECONDS = 5;

export interface RunParts {
  readonly children: Children;
  readonly plan: Plan;
  readonly options: MillionOptions;
  /** Runtime and bundle. */
  readonly program: readonly string[];
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Everything from the first broker to the last closed socket. What goes wrong on the way is in the result, as far as it went. */
export async function runMillion(parts: RunParts): Promise<MillionResult> {
  const { children, plan, options, program, say, signal } = parts;
  const before = memory();
  const socketsBefore = sockets().inUse;
  const running = await startBrokers(children, plan, options, program, say);
  const run = new Run(parts, running, before);
  try {
    await run.measure();
  } catch (error) {
    run.problems.push((error as Error).message);
  } finally {
    await run.close(socketsBefore);
  }
  if (signal.aborted) run.problems.push("interrupted");
  return run.result();
}

class Run {
  readonly problems: string[] = [];
  readonly #parts: RunParts;
  readonly #running: RunningBrokers;
  readonly #before: MachineMemory;
  readonly #started: MachineMemory;
  readonly #socketsStarted: number;
  readonly #startedMs = performance.now();
  readonly #moments: Moment[] = [];
  #sub: BenchLoad | undefined;
  #conn: BenchLoad | undefined;
  #connectSeconds = 0;
  #counted: Counted | undefined;
  #memory: MemoryTaken | undefined;
  #sample: Sample | undefined;
  #keepAlives: MillionResult["keepAlives"] | undefined;
  #closed: MillionResult["closed"] | undefined;

  constructor(parts: RunParts, running: RunningBrokers, before: MachineMemory) {
    this.#parts = parts;
    this.#running = running;
    this.#before = before;
    this.#started = memory();
    this.#socketsStarted = sockets().inUse;
  }

  async measure(): Promise<void> {
    await this.#connect();
    await this.#count();
    const atFirst = this.#processMemory();
    await this.#holdUntilPinged();
    this.#memory = this.#memoryNow(atFirst);
    await this.#publish();
  }

  async #connect(): Promise<void> {
    const { plan, options, children, program, say, signal } = this.#parts;
    const common = ["-p", String(this.#running.port), "-k", String(options.keepAliveSeconds), "--num-retry-connect", "100"];
    this.#sub = new BenchLoad(children, "sub", program, [
      ...["sub", "-h", plan.brokerAddresses.join(","), "-c", String(plan.sample), "-i", "1", "-t", "million/%i", "-q", "1"],
      ...[...common, "--payload-hdrs", "cnt64,ts", "--processes", "1", "--prefix", "sample", "--ifaddr", "127.79.0.1"],
    ]);
    const sampleDeadline = performance.now() + STALL_MS;
    while (this.#sub.count("sub") < plan.sample) {
      if (signal.aborted || !this.#sub.child.isRunning || performance.now() > sampleDeadline)
        throw new Error(
          `${this.#sub.count("sub")} of ${plan.sample} clients of the sample have subscribed: ${this.#sub.child.lastWords.slice(-300)}`,
        );
      await this.#sub.next();
    }
    const rest = plan.connections - plan.sample;
    const beganMs = performance.now();
    this.#conn = new BenchLoad(children, "conn", program, [
      ...["conn", "-h", plan.brokerAddresses.join(","), "-c", String(rest), ...common, "--ifaddr", plan.sourceAddresses.join(",")],
      ...["--processes", String(plan.generators), "--most-connecting", "40", "--prefix", "m", "--shortids"],
      ...(options.connectRate > 0 ? ["-R", String(options.connectRate)] : ["-i", "0"]),
    ]);
    let most = 0;
    let mostMs = beganMs;
    while (this.#conn.last.connected < rest) {
      await this.#conn.next();
      const nowMs = performance.now();
      const { connected } = this.#conn.last;
      this.#look();
      if (connected > most) [most, mostMs] = [connected, nowMs];
      say(
        `${this.#connected.toLocaleString("en")} connected after ${((nowMs - beganMs) / 1_000).toFixed(0)} s, ${(memory().availableBytes / 2 ** 30).toFixed(2)} GiB available`,
      );
      if (signal.aborted) throw new Error(`interrupted at ${this.#connected} connections`);
      if (memory().availableBytes < RESERVE_BYTES) {
        await this.#freeze(
          `memory: ${this.#connected.toLocaleString("en")} connections are as far as it goes with ${RESERVE_BYTES / 2 ** 20} MiB left`,
        );
        break;
      }
      if (nowMs - mostMs > STALL_MS || !this.#conn.child.isRunning) {
        await this.#freeze(
          `no further than ${this.#connected.toLocaleString("en")} connections: ${this.#conn.child.lastWords.slice(-300) || "nobody new for a minute"}`,
        );
        break;
      }
    }
    this.#connectSeconds = (performance.now() - beganMs) / 1_000;
  }

  async #count(): Promise<void> {
    const { plan, say } = this.#parts;
    const { port } = this.#running;
    const inUse = sockets().inUse;
    const monitor = await this.#inTime(BrokerCounts.open(plan.brokerAddresses, port), "brokers do not say how many clients they have");
    const clients = this.#connected;
    const agree = await monitor.reaches(clients, COUNT_LIMIT_MS);
    const kernel = await this.#kernelCount(clients);
    this.#counted = {
      ...{ clients, brokers: monitor.total, kernel },
      sockstatPairs: (inUse - this.#socketsStarted) / 2,
      perBroker: monitor.counts.map((count) => (count ?? 1) - 1),
    };
    monitor.close();
    say(`counted: clients ${clients}, brokers ${monitor.total}, kernel ${kernel}`);
    if (!agree || kernel !== clients || clients !== this.#connected)
      this.problems.push("clients, brokers and kernel do not count the same");
  }

  /** Rejects with `problem` if it takes too long, or the run is interrupted. */
  #inTime<T>(promise: Promise<T>, problem: string): Promise<T> {
    const limit = AbortSignal.any([this.#parts.signal, AbortSignal.timeout(COUNT_LIMIT_MS)]);
    const end = new Promise<never>((_, reject) => {
      const giveUp = () => reject(new Error(problem));
      if (limit.aborted) giveUp();
      else limit.addEventListener("abort", giveUp, { once: true });
    });
    return Promise.race([promise, end]);
  }

  /** The table is not read in one moment: what is missed or seen twice because other sockets come and go is not, the next time. */
  async #kernelCount(expected: number): Promise<number> {
    const { brokers } = this.#parts.plan;
    let count = -1;
    for (let tries = 0; tries < KERNEL_TRIES && count !== expected; tries++) {
      if (tries > 0) await sleep(LOOK_MS);
      count = (await brokerEnds(this.#running.port)).established - brokers;
    }
    return count;
  }

  /** Until every client has sent PINGREQ once since all are there, and has been answered. */
  async #holdUntilPinged(): Promise<void> {
    const { options, say, signal } = this.#parts;
    const conn = this.#conn!;
    const clients = conn.last.connected;
    const before = conn.count("ping_answered");
    const deadline = performance.now() + options.keepAliveSeconds * 2_000 + STALL_MS;
    say(`holding them for ${options.keepAliveSeconds} s, until each has been answered once`);
    while (conn.count("ping_answered") - before < clients && performance.now() < deadline && !signal.aborted && conn.child.isRunning) {
      await conn.next();
      this.#look();
    }
    const answered = conn.count("ping_answered") - before;
    const lost = conn.count("disconnected") + this.#sub!.count("disconnected");
    this.#keepAlives = {
      answered,
      sent: conn.count("ping_sent"),
      answeredInAll: conn.count("ping_answered"),
      lost,
      keepAliveSeconds: options.keepAliveSeconds,
    };
    if (answered < clients) this.problems.push(`${clients - answered} keep-alives were not answered`);
    if (lost > 0) this.problems.push(`${lost} connections were lost while they were held`);
  }

  async #publish(): Promise<void> {
    const { plan, children, program, say } = this.#parts;
    const hosts = plan.brokerAddresses;
    // Each publisher at the broker next to its subscriber's, where they are one.
    const others = this.#running.nats === undefined ? hosts : [...hosts.slice(1), hosts[0]!];
    const sub = this.#sub!;
    const pub = new BenchLoad(children, "pub", program, [
      ...[
        "pub",
        "-h",
        others.join(","),
        "-p",
        String(this.#running.port),
        "-c",
        String(plan.sample),
        "-i",
        "1",
        "-t",
        "million/%i",
        "-q",
        "1",
      ],
      ...["-I", "1000", "-L", String(plan.sample), "-w", "--payload-hdrs", "cnt64,ts", "--num-retry-connect", "10"],
      ...["--processes", "1", "--prefix", "publisher", "--ifaddr", "127.79.0.2"],
    ]);
    const deadline = performance.now() + SAMPLE_LIMIT_MS + 60_000;
    while (sub.count("recv") < plan.sample && performance.now() < deadline && sub.child.isRunning) await sub.next();
    await Promise.race([pub.child.exited, sleep(10_000)]);
    this.#sample = {
      ...{ clients: plan.sample, brokers: plan.brokers, isAcross: this.#running.nats !== undefined },
      received: sub.count("recv"),
      acknowledged: pub.summary?.counts.pub_succ ?? 0,
      latencyMs: {},
    };
    say(`${this.#sample.received} of ${plan.sample} messages have come`);
    if (this.#sample.received !== plan.sample)
      this.problems.push(`${plan.sample - this.#sample.received} of ${plan.sample} messages to the sample have not come`);
  }

  /** Leaves the ones that are connected as they are: no more connections. */
  async #freeze(problem: string): Promise<void> {
    this.problems.push(problem);
    this.#parts.say(problem);
    const conn = this.#conn!;
    conn.child.process.kill("SIGUSR2");
    let before = -1;
    while (conn.child.isRunning && conn.last.connected !== before) {
      before = conn.last.connected;
      for (let second = 0; second < SETTLE_SECONDS && conn.child.isRunning; second++) await conn.next();
    }
  }

  async close(socketsBefore: number): Promise<void> {
    const { say } = this.#parts;
    if (this.problems.length > 0) this.#noteBrokersWords();
    const beganMs = performance.now();
    say("closing");
    await Promise.all([this.#conn?.child.stop(CLOSE_LIMIT_MS), this.#sub?.child.stop(CLOSE_LIMIT_MS)]);
    say(`clients have left after ${((performance.now() - beganMs) / 1_000).toFixed(0)} s`);
    if (this.#sample !== undefined) {
      this.#sample = { ...this.#sample, latencyMs: this.#sub?.summary?.durations.e2e_latency ?? {} };
    }
    await this.#running.stop();
    const deadline = performance.now() + RETURN_LIMIT_MS;
    const isBack = async () =>
      (await brokerEnds(this.#running.port)).all === 0 && memory().availableBytes >= this.#before.availableBytes - RETURN_TOLERANCE_BYTES;
    let hasReturned = await isBack();
    for (; !hasReturned && performance.now() < deadline; hasReturned = await isBack()) await sleep(500);
    this.#closed = {
      seconds: (performance.now() - beganMs) / 1_000,
      left: (await brokerEnds(this.#running.port)).all,
      sockets: sockets().inUse,
      socketsBefore,
      availableBytes: memory().availableBytes,
      availableBytesBefore: this.#before.availableBytes,
    };
    if (!hasReturned)
      this.problems.push("connections or memory did not return to what they were before, or others on this machine took some memory");
  }

  /** What brokers have warned of may be why. */
  #noteBrokersWords(): void {
    const talkative = this.#running.brokers.filter(({ lastWords }) => lastWords !== "");
    for (const { name, lastWords } of talkative.slice(0, MOST_QUOTED))
      this.problems.push(`${name} said: ${lastWords.slice(-QUOTED_CHARACTERS)}`);
  }

  result(): MillionResult {
    const conn = this.#conn;
    return {
      commands: [this.#conn, this.#sub].flatMap((load) => (load === undefined ? [] : [load.command])),
      natsVersion: this.#running.natsVersion,
      connectSeconds: this.#connectSeconds,
      connectMs: conn?.summary?.durations.mqtt_client_connect_duration ?? {},
      connectFailures: conn?.count("connect_fail") ?? 0,
      isClientBottleneck: conn?.summary?.client.isBottleneck ?? false,
      moments: this.#moments,
      counted: this.#counted,
      memory: this.#memory,
      keepAlives: this.#keepAlives,
      sample: this.#sample,
      closed: this.#closed,
      problems: this.problems,
    };
  }

  get #connected(): number {
    return (this.#conn?.last.connected ?? 0) + (this.#sub?.last.connected ?? 0);
  }

  #look(): void {
    const last = this.#moments.at(-1);
    const seconds = (performance.now() - this.#startedMs) / 1_000;
    if (last !== undefined && seconds - last.seconds < LOOK_MS / 2_000) return;
    const { inUse, pages } = sockets();
    const { availableBytes, slabBytes } = memory();
    this.#moments.push({ seconds, connected: this.#connected, sockets: inUse - this.#socketsStarted, pages, availableBytes, slabBytes });
  }

  #processMemory(): MemoryTaken["atFirst"] {
    const { brokers, nats } = this.#running;
    return { brokerBytes: sum(brokers.map(({ pid }) => pid)), natsBytes: nats === undefined ? 0 : processBytes(nats.pid) };
  }

  #memoryNow(atFirst: MemoryTaken["atFirst"]): MemoryTaken {
    const now = memory();
    const loads = [this.#conn, this.#sub].flatMap((load) => (load === undefined ? [] : [load.child.pid, ...childrenOf(load.child.pid)]));
    return {
      ...this.#processMemory(),
      atFirst,
      generatorBytes: sum(loads),
      slabBytes: now.slabBytes - this.#before.slabBytes,
      pageTableBytes: now.pageTableBytes - this.#before.pageTableBytes,
      socketPageBytes: sockets().pages * 4_096,
      clientPortBytes: this.#connected * boundPortBytes(),
      takenBytes: this.#before.availableBytes - now.availableBytes,
      startedBytes: this.#before.availableBytes - this.#started.availableBytes,
    };
  }
}

function sum(pids: readonly number[]): number {
  return pids.reduce((total, pid) => total + processBytes(pid), 0);
}
