import { join } from "node:path";
import { typeScript } from "../contenders.js";
import type { Job, Load, Measured, Outcome } from "../generator/job.js";
import { PinnedProcess } from "../pinned-process.js";
import type { Options } from "./options.js";
import type { Pod, Site } from "./pods.js";

const GENERATOR_LIMIT_MS = 40_000;

export interface Traffic {
  readonly pods: readonly Pod[];
  readonly isCrossing: boolean;
  readonly natsPid: number | undefined;
  readonly load: Load;
}

/** Has the bench's load generator work on several brokers. Throws if one of them, or the generator, fails. */
export async function generate(
  site: Site & { readonly generatorRuntime: string; readonly folder: string },
  { warmUpMs, windowMs }: Options,
  { pods, isCrossing, natsPid, load }: Traffic,
): Promise<Measured> {
  const [target, ...others] = pods.map(({ port }) => ({ host: "127.0.0.1", port }));
  const [first, ...rest] = pods;
  const job: Job = {
    ...{ target: target!, others, isCrossing, version: 4, brokerPid: first!.pid, load, warmUpMs, windowMs },
    otherPids: [...rest.map(({ pid }) => pid), ...(natsPid === undefined ? [] : [natsPid])],
    cores: site.cores === undefined ? [] : [site.cores.broker, site.cores.generator],
  };
  const { file, args } = typeScript(site.generatorRuntime, join(import.meta.dirname, "../generator/main.ts"));
  const { cores, folder, signal } = site;
  const process = new PinnedProcess({ file, args: [...args, JSON.stringify(job)] }, { core: cores?.generator, folder, signal });
  const output = await process.output(warmUpMs + windowMs + GENERATOR_LIMIT_MS);
  const outcome: Outcome = output === "" ? { failure: process.lastWords || "the generator took too long" } : JSON.parse(output);
  if ("failure" in outcome) throw new Error(outcome.failure);
  return outcome;
}
