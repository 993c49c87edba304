import type { Comparison } from "./comparisons";
import type { CloudSizing, Sizing } from "./sizing";

const GIB = 2 ** 30;

/** A sizing for a terminal, without a newline at its end. */
export function sizingText({ workload, clouds, comparisons, measuredOn }: Sizing): string {
  const { connections, publishRate, payloadBytes, qos, fanOut, tls, runtime } = workload;
  return [
    `${count(connections)} connections, ${count(publishRate)} msg/s published at QoS ${qos} with ${count(payloadBytes)} bytes, each to ${count(fanOut)} ${fanOut === 1 ? "client" : "clients"}, TLS ${TLS[tls]}, on ${RUNTIMES[runtime]}`,
    "",
    ...table([
      ["cloud", "machine type", "nodes", "pods", "cores", "memory", "clients", "conntrack", "TLS"],
      ["", "", "", "", "a pod", "a pod", "a pod", "a node", ""],
      ...clouds.map(cells),
    ]),
    "",
    "One node may be missing, and its clients come back, without any pod using more than the chosen share of its core. A pod is one process.",
    ...notes(clouds),
    "",
    "Beside others",
    ...table([...comparisons, ...clouds.slice(0, 1).map(asComparison)].map(comparisonCells)),
    "",
    `Costs measured on loopback: ${measuredOn.command}, ${measuredOn.machine}, ${measuredOn.date}. Network cards and clouds are not measured.`,
  ].join("\n");
}

const TLS = { none: "nowhere", lb: "at the load balancer", broker: "in the broker" } as const;
const RUNTIMES = { bun: "Bun", node: "Node.js" } as const;

function cells({ cloud, architecture, machine, nodes, pods, podsPerNode, pod, node, tls }: CloudSizing): string[] {
  return [
    `${cloud} ${architecture}`,
    `${machine.name} (${machine.cores} cores, ${machine.memoryGiB} GiB)`,
    count(nodes),
    `${count(pods)} (${podsPerNode} a node)`,
    pod.cores.toFixed(1),
    gib(pod.memoryBytes),
    count(pod.connections),
    `${count(node.conntrackEntries)} of ${count(node.conntrackMax)}`,
    tls,
  ];
}

function notes(clouds: readonly CloudSizing[]): string[] {
  const byCloud = new Map(clouds.map(({ cloud, loadBalancer, tls, pod }) => [cloud, { loadBalancer, tls, openFiles: pod.openFiles }]));
  return [...byCloud].map(([cloud, { loadBalancer, openFiles }]) => {
    const { connectionsPerTarget, why } = loadBalancer;
    const bound = connectionsPerTarget === undefined ? "" : `; at most ${count(connectionsPerTarget)} a pod`;
    return `${cloud}: ${why}${bound}. Open files of a container: ${count(openFiles)}.`;
  });
}

function asComparison({ cloud, architecture, nodes, machine }: CloudSizing): Comparison {
  const source = `here, ${cloud} ${architecture}`;
  return { source, nodes, cores: nodes * machine.cores, memoryGiB: nodes * machine.memoryGiB, remark: "the whole nodes, one to spare" };
}

function comparisonCells({ source, nodes, cores, memoryGiB, remark }: Comparison): string[] {
  return [source, nodes === undefined ? "" : `${nodes} nodes`, `${cores} cores`, `${memoryGiB} GiB`, remark];
}

/** Rows with columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, place) => Math.max(...rows.map((row) => row[place]!.length)));
  return rows.map((row) =>
    row
      .map((cell, place) => cell.padEnd(widths[place]!))
      .join("  ")
      .trimEnd(),
  );
}

function count(number: number): string {
  return number.toLocaleString("en", { maximumFractionDigits: 1 });
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(2)} GiB`;
}
