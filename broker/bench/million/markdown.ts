import type { MillionOptions } from "./options.js";
import { gib, type Plan } from "./plan.js";
import type { MemoryTaken, MillionResult } from "./result.js";

/** Everything that the report is written from, and what the JSON file holds. */
export interface MillionReport {
  /** ISO 8601, when the run began. */
  readonly date: string;
  readonly command: string;
  readonly machine: string;
  readonly runtime: string;
  readonly options: MillionOptions;
  readonly plan: Plan;
  readonly result: MillionResult;
}

const MUST_BYTES = 7 * 2 ** 30;

/** What was live at once, counted by whom, what it took and how it ended. */
export function markdownOf(report: MillionReport): string {
  const { date, command, machine, runtime, plan, options, result } = report;
  const live = result.counted?.clients ?? 0;
  const sections = [
    `# ${n(live)} live MQTT connections on one machine, ${date.slice(0, 10)}`,
    `${machine}. ${runtime}. \`${command}\``,
    result.problems.length === 0
      ? `All of it went as it was to: ${n(live)} connections alive at once, counted the same by all three; all kept alive; the sample got its messages; everything was closed.`
      : `**Not as it was to be:**\n\n${result.problems.map((problem) => `- ${problem}`).join("\n")}`,
    `${plan.brokers} brokers ${result.natsVersion === undefined ? "that stand alone" : `clustered over one ${result.natsVersion}`}, ${plan.generators} client processes, ${plan.sourceAddresses.length} source addresses, loopback; ` +
      `at most ${options.connectRate > 0 ? `${n(options.connectRate)} connections a second` : "what goes"}. Nothing was set by hand.`,
    "## Counted",
    countedTable(result),
    "## Memory",
    result.memory === undefined ? "It did not get so far." : memoryTable(result.memory, live),
    "## Time",
    timeList(result, plan.sample),
    "![connections and memory over time](NAME.svg)",
    "## Clients",
    result.commands.map((line) => `    ${shortened(line)}`).join("\n"),
  ];
  return `${sections.join("\n\n").replaceAll("NAME.svg", `${options.name}.svg`)}\n`;
}

function countedTable({ counted, keepAlives, sample }: MillionResult): string {
  if (counted === undefined) return "It did not get so far.";
  const most = Math.max(...counted.perBroker);
  const rows = [
    ["clients that have their CONNACK (`mqttd bench`)", n(counted.clients)],
    ["clients in `$SYS/broker/clients/connected` of all brokers", n(counted.brokers)],
    ["established at the brokers' port in the kernel's socket table (`/proc/net/tcp`)", n(counted.kernel)],
    ["half of the sockets that `/proc/net/sockstat` has more (NATS and other programs included)", n(Math.round(counted.sockstatPairs))],
    ["on one broker, fewest and most", `${n(Math.min(...counted.perBroker))} – ${n(most)}`],
    ...(keepAlives === undefined
      ? []
      : [
          [
            `keep-alives (one in ${keepAlives.keepAliveSeconds} s) answered since the last connection; connections lost`,
            `${n(keepAlives.answered)}; ${n(keepAlives.lost)}`,
          ],
        ]),
    ...(sample === undefined
      ? []
      : [
          [
            `messages (QoS 1) that came to a sample of ${n(sample.clients)} on ${sample.brokers} brokers${sample.isAcross ? ", each from another broker" : ""}`,
            `${n(sample.received)}, p50 ${ms(sample.latencyMs.p50)}, p99 ${ms(sample.latencyMs.p99)}`,
          ],
        ]),
  ];
  return table(["", "live at once"], rows);
}

function memoryTable(memory: MemoryTaken, live: number): string {
  const { brokerBytes, natsBytes, clientPortBytes, atFirst } = memory;
  const kernelHalf = (memory.slabBytes + memory.pageTableBytes + memory.socketPageBytes - clientPortBytes) / 2;
  const brokerSide = brokerBytes + natsBytes + kernelHalf;
  const row = (what: string, bytes: number) => [what, gib(bytes), `${n(Math.round(bytes / Math.max(1, live)))} B`];
  return [
    table(
      ["", "", "a connection"],
      [
        row("brokers (PSS)", brokerBytes),
        ...(natsBytes > 0 ? [row("nats-server (PSS)", natsBytes)] : []),
        row("kernel, brokers' ends (half of slab, page tables and socket queues, without clients' ports)", kernelHalf),
        row(`**broker side** (budget 7 GiB: ${brokerSide <= MUST_BYTES ? "kept" : "missed"})`, brokerSide),
        row("clients (PSS)", memory.generatorBytes),
        row("kernel, clients' ends and ports", kernelHalf + clientPortBytes),
        row("less available than before all of it", memory.takenBytes),
      ],
    ),
    `All of it when every client had been kept alive once. When the last one had connected, brokers took ${gib(atFirst.brokerBytes)}${natsBytes > 0 ? ` and nats-server ${gib(atFirst.natsBytes)}` : ""}: ` +
      `garbage, and code that nothing needs at rest. Before the first connection ${gib(memory.startedBytes)} were taken by processes as they start.`,
  ].join("\n\n");
}

function timeList(
  { connectSeconds, connectMs, connectFailures, counted, closed, isClientBottleneck }: MillionResult,
  sample: number,
): string {
  // The sample has been there when the clock began.
  const rate = Math.max(0, (counted?.clients ?? 0) - sample) / Math.max(0.001, connectSeconds);
  return [
    `- Connected in ${connectSeconds.toFixed(0)} s, ${n(Math.round(rate))} a second; SYN to CONNACK p50 ${ms(connectMs.p50)}, p99 ${ms(connectMs.p99)}, longest ${ms(connectMs.max)}; ${n(connectFailures)} tries failed and were repeated.`,
    ...(isClientBottleneck
      ? ["- Clients and brokers share the processor, and the clients had none left: faster machines connect faster."]
      : []),
    ...(closed === undefined
      ? []
      : [
          `- Closed in ${closed.seconds.toFixed(0)} s: ${n(closed.left)} connections left in the kernel's table, ${n(closed.sockets)} sockets of all programs where ${n(closed.socketsBefore)} were before, ${gib(closed.availableBytes)} available where ${gib(closed.availableBytesBefore)} were.`,
        ]),
  ].join("\n");
}

/** Dozens of addresses say no more than a few. */
function shortened(command: string): string {
  return command.replaceAll(/((?:\d+\.){3}\d+),(?:[\d.]+,){2,}([\d.]+)/g, "$1,…,$2");
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${head.map((_, index) => (index === 0 ? "---" : "---:")).join("|")}|`, ...body.map(line)].join("\n");
}

function ms(value: number | undefined): string {
  return value === undefined ? "–" : `${n(Math.round(value))} ms`;
}

function n(value: number): string {
  return value.toLocaleString("en");
}
