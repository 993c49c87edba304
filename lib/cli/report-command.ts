import { Command, InvalidArgumentError, Option } from "commander";
import { NEWEST_KNOWN_KUBERNETES } from "../kernel/kubernetes-version";
import { PLATFORMS } from "../kernel/platforms";
import type { PlatformId } from "../kernel/platforms/platform";
import { SysctlProfile } from "../kernel/sysctl-profile";
import { planTuning } from "../kernel/tuning-plan";
import { reportHtml } from "../report/report-html";
import { reportMarkdown } from "../report/report-markdown";
import { reportText } from "../report/report-text";
import type { StackReport } from "../report/stack-report";

interface Flags {
  readonly platform: PlatformId;
  readonly kubernetes: string;
  readonly profile: SysctlProfile;
  readonly format: "text" | "markdown" | "html" | "json";
}

/** How a report is laid out for a terminal. */
export interface Terminal {
  readonly width: number;
  readonly colour: boolean;
}

/** `broker-pools report`: what a profile becomes on a platform, without a stack. */
export function reportCommand(print: (text: string) => void, terminal: Terminal): Command {
  return new Command("report")
    .description("what the tuning of a profile becomes on nodes of a platform: node, kubelet, pod, and what cannot be had")
    .addOption(new Option("--platform <platform>", "kind of nodes").choices(Object.keys(PLATFORMS)).makeOptionMandatory())
    .addOption(new Option("--kubernetes <version>", "major.minor").default(`${NEWEST_KNOWN_KUBERNETES}`))
    .addOption(
      new Option("--profile <profile>", "million, load-generator, or connections on one node")
        .default(SysctlProfile.MILLION, "million")
        .argParser(toProfile),
    )
    .addOption(new Option("--format <format>", "how to print it").choices(["text", "markdown", "html", "json"]).default("text"))
    .action(({ platform, kubernetes, profile, format }: Flags) => {
      const tuning = planTuning(profile, platform, kubernetes);
      const report: StackReport = { stack: platform, pools: [{ path: "nodes of this kind", tuning, labels: {}, taints: [] }] };
      if (format === "json") print(JSON.stringify(tuning, null, 2));
      else if (format === "markdown") print(reportMarkdown(report));
      else if (format === "html") print(reportHtml(report));
      else print(reportText(report, terminal));
    });
}

function toProfile(text: string): SysctlProfile {
  if (text === "million") return SysctlProfile.MILLION;
  if (text === "load-generator") return SysctlProfile.LOAD_GENERATOR;
  try {
    return SysctlProfile.forConnections(Number(text));
  } catch {
    throw new InvalidArgumentError("Write million, load-generator, or a whole number of connections from 1 to 10000000.");
  }
}
