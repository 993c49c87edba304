import { CLUSTER_COSTS, COSTS } from "./measurements";
import type { FullWorkload } from "./workload";

/** What one of several equal pods has to carry. */
export interface PodDemand {
  readonly connections: number;
  /** Cores that are busy, on average. */
  readonly cores: number;
  readonly memoryBytes: number;
}

export interface Sharing {
  /** Pods that share the load equally. */
  readonly pods: number;
  /** Clients that connect in a second, over all pods. */
  readonly connectsPerSecond: number;
}

/** Delivery times on a busy broker are milliseconds; a second of all messages in memory at once is a stall that it must survive. */
const BUFFERED_SECONDS = 1;
/** Of a message in memory, beside its payload: objects, topic, queue entries. A few hundred bytes, rounded up. */
const MESSAGE_OVERHEAD_BYTES = 512;

/**
 * Cores and memory of one pod.
 *
 * Cores, each a rate times a measured cost of one: messages (in, and out to the first subscriber), further deliveries (`deliverySeconds`, dearer
 * with QoS as messages are), payload bytes, keep-alives (counted as a QoS 0 message: one read, one write), connects, TLS on each of them
 * where the broker ends it, and forwarding of the share of deliveries whose subscriber is on another pod, (pods − 1) / pods.
 *
 * Memory: the process, each connection in the process and in the kernel, each filter of its own clients, each filter of all others' clients in
 * the route table (all different, the worst case), and a second of messages.
 */
export function podDemand(workload: FullWorkload, { pods, connectsPerSecond }: Sharing): PodDemand {
  const { connections, publishRate, payloadBytes, qos, fanOut, subscriptionsPerClient, keepAliveSeconds, tls, runtime } = workload;
  const costs = COSTS[runtime];
  const endsTls = tls === "broker";
  const messageSeconds = costs.messageSeconds[qos] + (endsTls ? costs.tlsMessageSeconds : 0);
  const deliverySeconds =
    (costs.deliverySeconds * costs.messageSeconds[qos]) / costs.messageSeconds[0] + (endsTls ? costs.tlsMessageSeconds / 2 : 0);

  const furtherDeliveries = publishRate * Math.max(0, fanOut - 1);
  const forwards = publishRate * Math.min(fanOut, pods) * ((pods - 1) / pods);
  const bytes = publishRate * (1 + fanOut) * payloadBytes;
  const cores =
    publishRate * messageSeconds +
    furtherDeliveries * deliverySeconds +
    (bytes / 2) * costs.payloadByteSeconds +
    (connections / keepAliveSeconds) * (costs.messageSeconds[0] + (endsTls ? costs.tlsMessageSeconds : 0)) +
    connectsPerSecond * (endsTls ? costs.tlsConnectSeconds : costs.connectSeconds) +
    forwards * CLUSTER_COSTS.forwardSeconds;

  const filters = connections * subscriptionsPerClient;
  const own = connections / pods;
  const memoryBytes =
    costs.processBytes +
    own * ((endsTls ? costs.tlsConnectionBytes : costs.connectionBytes) + costs.kernelConnectionBytes) +
    (filters / pods) * costs.filterBytes +
    (pods > 1 ? (filters - filters / pods) * CLUSTER_COSTS.routeBytes : 0) +
    ((publishRate * Math.max(1, fanOut)) / pods) * BUFFERED_SECONDS * (MESSAGE_OVERHEAD_BYTES + payloadBytes);

  return { connections: Math.ceil(own), cores: cores / pods, memoryBytes: Math.ceil(memoryBytes) };
}
