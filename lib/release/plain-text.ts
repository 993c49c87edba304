import { Annotations } from "cdktf";
import type { IConstruct } from "constructs";
import type { Listener } from "./broker-release";
import type { ServiceOptions } from "./service-options";

/** Warns where passwords would cross the internet as they are. */
export function warnOfPlainText(release: IConstruct, listeners: readonly Listener[], { internal = true, type }: ServiceOptions): void {
  const plain = listeners.filter((listener) => listener === "mqtt" || listener === "ws");
  if (internal || type === "ClusterIP" || plain.length === 0) return;
  Annotations.of(release).addWarning(
    `${plain.join(" and ")} ${plain.length === 1 ? "is" : "are"} on the internet without TLS: names, passwords and messages can be read on the way; use mqtts or wss, or leave service.internal`,
  );
}
