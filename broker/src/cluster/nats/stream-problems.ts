import type { StreamDefinition } from "./engine.js";
import type { StreamConfiguration } from "./ensure-streams.js";
import { ApiCode, type ApiProblem } from "./jetstream-api.js";

/** What is wrong with a stream; streams with the same problem are told of in one line. */
export interface StreamProblem {
  readonly stream: string;
  readonly why: string;
}

/** Why JetStream does not make a stream, and what to do about it. */
export function refusal({ name, replicas, storage }: StreamDefinition, { err_code, description }: ApiProblem): StreamProblem {
  return { stream: name, why: `cannot be made: ${description}; ${remedy()}` };

  function remedy(): string {
    switch (err_code) {
      case ApiCode.ReplicasNotSupported:
        return `set nats.replicas, which is ${replicas}, to 1, or make the NATS server part of a cluster of ${replicas}`;
      case ApiCode.NoPeers:
        return `nats.replicas is ${replicas}: start as many NATS servers with JetStream, or lower it`;
      case ApiCode.InsufficientResources:
      case ApiCode.StorageExceeded:
      case ApiCode.MemoryExceeded:
        return `nats.storage is ${storage}, nats.replicas is ${replicas}: raise max_${storage}_store of the NATS servers or the account's limit, or change one of the two`;
      case ApiCode.MaximumStreams:
        return "raise the account's limit of streams, or lower nats.ownerShards";
      case ApiCode.SubjectsOverlap:
        return "another stream takes its subjects: set another nats.cluster, or remove that stream";
      default:
        return "see the log of the NATS server";
    }
  }
}

/** What about a stream that is there is not as the settings say. */
export function differences(wanted: StreamDefinition, found: StreamConfiguration, settingPrefix: string): readonly StreamProblem[] {
  const { name: stream, replicas, storage, maxMessagesPerSubject = -1, hasMessageTtl = false, agreedSettings = {} } = wanted;
  const problems: string[] = [];
  for (const [setting, value] of Object.entries(agreedSettings)) {
    const other = found.metadata?.[settingPrefix + setting];
    if (other !== value) {
      problems.push(
        `made with ${setting} ${other ?? "unknown"}, here it is ${value}: set it to that, or delete the streams while no broker runs`,
      );
    }
  }
  if (found.num_replicas !== replicas) {
    problems.push(
      `${found.num_replicas} ${found.num_replicas === 1 ? "replica" : "replicas"}, nats.replicas is ${replicas}: set it to ${found.num_replicas}, or change the streams with nats stream edit --replicas=${replicas}`,
    );
  }
  if (found.storage !== storage) {
    problems.push(
      `in ${found.storage}, nats.storage is ${storage}: set it to ${found.storage}, or delete the streams while no broker runs`,
    );
  }
  const isForeign =
    found.subjects?.join() !== wanted.subjects.join() ||
    found.max_msgs_per_subject !== maxMessagesPerSubject ||
    (found.allow_msg_ttl ?? false) !== hasMessageTtl;
  if (isForeign)
    problems.push("made by another version, or by something else: set another nats.cluster, or delete it while no broker runs");
  return problems.map((why) => ({ stream, why }));
}

/** One line for each kind of problem, however many streams have it. */
export function groupedProblems(problems: readonly StreamProblem[]): readonly string[] {
  const streams = new Map<string, string[]>();
  for (const { stream, why } of problems) streams.set(why, [...(streams.get(why) ?? []), stream]);
  return [...streams].map(([why, [first, ...more]]) => `NATS stream ${first}${more.length > 0 ? ` and ${more.length} more` : ""}: ${why}`);
}
