import { appendFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { ClientHealth } from "./client-health.js";
import { checkHost, type HostReadings } from "./host-check.js";
import { CounterLines, startLine } from "./lines.js";
import { LiveLine } from "./live-line.js";
import type { Load } from "./load.js";
import { metricsText, serveMetrics } from "./metrics-server.js";
import { type BenchCommand, type BenchOptions, type Share, sizeOf, within } from "./options.js";
import { runPart } from "./part.js";
import { PART_VARIABLE, ProcessSwarm } from "./process-swarm.js";
import { pushCounts } from "./push-counts.js";
import { BenchOptionError, GivenFlags, readOptions } from "./read-options.js";
import { type RunResult, summaryJson, summaryText } from "./summary.js";
import { Swarm } from "./swarm.js";
import { COUNTERS, type Snapshot, Tallies } from "./tallies.js";
import { webSocketNetwork } from "./websocket-network.js";
import { nativeNetwork } from "./wire.js";

/** What `mqttd bench` was asked for. */
export interface BenchRequest {
  readonly command: BenchCommand;
  /** Flags as text, by their long name. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
}

/** What the bench touches of the process that it runs in. */
export interface BenchSurroundings {
  out(text: string): void;
  err(text: string): void;
  readonly isScreen: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly readFile: (path: string) => string;
  /** Runtime, script and arguments of this very command. */
  readonly program: readonly string[];
  readonly host: HostReadings;
  readonly orders: NodeJS.ReadableStream;
  /** Where SIGINT and SIGTERM come from. */
  readonly events: { on(event: string, listener: () => void): unknown; off(event: string, listener: () => void): unknown };
}

const EXIT = { ok: 0, failure: 1, usage: 2 } as const;
const SECOND_MS = 1_000;
const MOST_RUN_ID = 0xffff_ffff;

/** Runs one of conn, pub and sub until it is done, its time is up or a signal comes; resolves with the exit code. */
export async function bench(request: BenchRequest, around: BenchSurroundings): Promise<number> {
  try {
    const given = new GivenFlags(request.command, request.flags);
    const notes = given.notes();
    const options = readOptions(request.command, given, around.readFile);
    const part = around.env[PART_VARIABLE];
    if (part !== undefined) return await runAsPart(options, part, around);
    for (const note of notes) around.err(`mqttd bench: ${note}\n`);
    return await run(options, around);
  } catch (error) {
    if (!(error instanceof BenchOptionError)) throw error;
    around.err(`mqttd bench ${request.command}: ${error.message}\n`);
    return EXIT.usage;
  }
}

async function runAsPart(options: BenchOptions, text: string, { orders, out, events }: BenchSurroundings): Promise<number> {
  const [index = 0, of = 1, runId = 0] = text.split("/").map(Number);
  // A terminal sends Ctrl-C to all processes, `kill` of a group SIGTERM; the first of them tells the others what to do.
  for (const signal of ["SIGINT", "SIGTERM"]) events.on(signal, () => {});
  const report = (line: object) => out(`${JSON.stringify(line)}\n`);
  const load = await swarmOf(options, within(options.share, { index, of }), runId, (line) => report({ kind: "said", line }));
  await runPart(load, orders, report);
  return EXIT.ok;
}

async function run(options: BenchOptions, around: BenchSurroundings): Promise<number> {
  const { processes, problems, warnings } = checkHost({ ...options, clients: sizeOf(options.share, options.clients) }, around.host);
  for (const warning of warnings) around.err(`mqttd bench: ${warning}\n`);
  for (const problem of problems) around.err(`mqttd bench: ${problem}\n`);
  if (problems.length > 0) return EXIT.failure;

  const runId = Math.floor(Math.random() * MOST_RUN_ID);
  const report = new RunReport(options, processes, around);
  const { program, env } = around;
  let latest: Snapshot = { ...new Tallies(), connected: 0, processorShare: 0, lagMs: 0 };
  const stopMetrics = await metricsOf(options, around, () => latest);
  const load: Load =
    processes === 1
      ? await swarmOf(options, options.share, runId, (line) => report.say(line))
      : new ProcessSwarm({ program, env, processes, runId, say: (line) => report.say(line) });

  const startMs = performance.now();
  report.begin();
  const timer = setInterval(() => {
    latest = load.snapshot();
    report.second(latest, performance.now() - startMs);
  }, SECOND_MS);
  // Whoever watches the machine's memory can end the ramp with it.
  const hold = () => load.hold();
  around.events.on("SIGUSR2", hold);
  void load.start().then(() => load.release());
  const isComplete = await ended(load, options, around);
  clearInterval(timer);
  around.events.off("SIGUSR2", hold);
  latest = load.snapshot();
  const elapsedMs = performance.now() - startMs;
  await load.stop();
  // Parts tell the last of it when they are told to stop.
  if (processes > 1) latest = { ...load.snapshot(), connected: latest.connected };
  report.end({ options, processes, elapsedMs, snapshot: latest, health: report.health }, isComplete && !load.hasFailed);
  stopMetrics();
  const { pushgateway } = options.output;
  if (pushgateway !== undefined) {
    const instance = `${hostname()}-${options.share.index}`;
    await pushCounts(pushgateway, instance, metricsText(latest)).catch((error: Error) =>
      around.err(`mqttd bench: the counts could not be pushed to ${pushgateway}: ${error.message}\n`),
    );
  }
  return latest.counts.connect_succ > 0 && !load.hasFailed ? EXIT.ok : EXIT.failure;
}

/** Returns how to stop them. Two loads on one machine have one default address between them; who named an address wants it. */
async function metricsOf({ output: { metrics } }: BenchOptions, { err }: BenchSurroundings, read: () => Snapshot): Promise<() => void> {
  if (metrics === undefined) return () => {};
  try {
    return await serveMetrics(metrics, read);
  } catch (error) {
    const { host, port, isAsked } = metrics;
    const { code, message } = error as NodeJS.ErrnoException;
    const address = host === undefined ? String(port) : `${host}:${port}`;
    if (isAsked) throw new BenchOptionError("restapi", address, `is an address that cannot be served: ${code ?? message}; name another`);
    err(`mqttd bench: no metrics at ${address}: ${code ?? message}; --restapi names another address\n`);
    return () => {};
  }
}

/** Resolves with whether all that was to be published has been. */
async function ended(load: Load, { durationMs }: BenchOptions, { events }: BenchSurroundings): Promise<boolean> {
  let stop = () => {};
  const asked = new Promise<false>((resolve) => {
    stop = () => resolve(false);
  });
  for (const signal of ["SIGINT", "SIGTERM"]) events.on(signal, stop);
  const timer = durationMs === undefined ? undefined : setTimeout(stop, durationMs);
  const isComplete = await Promise.race([asked, load.done.then(() => true)]);
  clearTimeout(timer);
  for (const signal of ["SIGINT", "SIGTERM"]) events.off(signal, stop);
  return isComplete;
}

async function swarmOf(options: BenchOptions, part: Share, runId: number, say: (line: string) => void): Promise<Load> {
  const native = await nativeNetwork();
  const network = options.isWebSocket ? webSocketNetwork(native) : native;
  return new Swarm(options, { network, part, runId, say, noteQoe: qoeLog(options, part.index) });
}

/** A line for each duration of each client. All processes append to one file, which the first begins. */
function qoeLog({ output: { qoeLog: file } }: BenchOptions, index: number) {
  if (file === undefined) return undefined;
  if (index === 0) writeFileSync(file, "client,duration,milliseconds\n");
  return (client: string, duration: string, tookMs: number) => appendFileSync(file, `${client},${duration},${tookMs.toFixed(3)}\n`);
}

/** What is written while a run goes on and when it ends. */
class RunReport {
  readonly health = new ClientHealth();
  readonly #options: BenchOptions;
  readonly #processes: number;
  readonly #around: BenchSurroundings;
  readonly #lines = new CounterLines();
  readonly #live: LiveLine;

  constructor(options: BenchOptions, processes: number, around: BenchSurroundings) {
    this.#options = options;
    this.#processes = processes;
    this.#around = around;
    this.#live = new LiveLine(options);
  }

  get #isLive(): boolean {
    return this.#around.isScreen && !this.#options.output.isJson && !this.#options.output.isQuiet;
  }

  begin(): void {
    const { output, sourceAddresses, connectIntervalMs } = this.#options;
    if (output.isJson || output.isQuiet) return;
    this.#around.out(`${startLine(this.#processes, sourceAddresses.length, connectIntervalMs)}\n\n`);
  }

  second(snapshot: Snapshot, upMs: number): void {
    this.health.add(snapshot);
    const { output } = this.#options;
    if (output.isJson) this.#around.out(`${JSON.stringify(secondJson(snapshot, upMs))}\n`);
    else if (this.#isLive) this.#around.out(`\r\x1b[K${this.#live.next(snapshot, upMs)}`);
    else if (!output.isQuiet) for (const line of this.#lines.next(snapshot, upMs)) this.#around.out(`\r${line}\n`);
  }

  say(line: string): void {
    const { output } = this.#options;
    if (output.isJson) this.#around.err(`${line}\n`);
    else if (!output.isQuiet) this.#around.out(`${this.#isLive ? "\r\x1b[K" : ""}${line}\n`);
  }

  end(result: RunResult, isComplete: boolean): void {
    const { output } = this.#options;
    this.health.add(result.snapshot);
    if (output.isJson) {
      this.#around.out(`${JSON.stringify({ summary: summaryJson(result) })}\n`);
      return;
    }
    if (!output.isQuiet && !this.#isLive)
      for (const line of this.#lines.next(result.snapshot, result.elapsedMs)) this.#around.out(`\r${line}\n`);
    if (isComplete && !output.isQuiet) this.#around.out(`${this.#isLive ? "\n" : "\r"}publish complete\n`);
    this.#around.out(`\n${summaryText(result)}`);
  }
}

function secondJson({ counts, connected, processorShare, lagMs }: Snapshot, upMs: number): object {
  const changed = Object.fromEntries(COUNTERS.filter((name) => counts[name] !== 0).map((name) => [name, counts[name]]));
  return {
    seconds: Number((upMs / 1_000).toFixed(3)),
    connected,
    ...changed,
    processorShare: Number(processorShare.toFixed(3)),
    lagMs: Math.round(lagMs),
  };
}
