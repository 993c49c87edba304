import type { Config } from "../config/config.js";
import type { Log } from "../log.js";
import { connectionBounds } from "./connection-bounds.js";
import type { HostLimits } from "./host-limits.js";

/** Fewer than this is worth a warning, unless the settings ask for fewer. */
const EXPECTED_CONNECTIONS = 10_000;

/** Says what bounds the broker: one line with every limit, and a warning with its remedy for each that is likely to be in the way. */
export function logLimits(host: HostLimits, config: Pick<Config, "listeners" | "maxConnections">, log: Log): void {
  const { bounds, perConnection } = connectionBounds(host, config);
  const [tightest] = bounds;
  log.info(
    {
      runtime: `${host.runtime.name} ${host.runtime.version}`,
      openFiles: shown(host.openFiles?.soft),
      somaxconn: host.somaxconn,
      memoryBytes: host.memory?.bytes,
      memoryOf: host.memory?.from,
      heapBytes: host.runtime.heapBytes,
      bytesPerConnection: perConnection.totalBytes,
      allows: Object.fromEntries(bounds.map(({ by, connections }) => [by, shown(connections)])),
      connections: shown(tightest?.connections),
      boundBy: tightest?.by,
    },
    "limits of this broker",
  );

  const wanted = Number.isFinite(config.maxConnections) ? config.maxConnections : EXPECTED_CONNECTIONS;
  for (const { by, connections, remedy } of bounds) {
    if (by === "maxConnections" || connections >= wanted) continue;
    log.warn({ boundBy: by, connections, wanted, remedy }, "fewer connections than wanted are possible");
  }
  for (const { name, backlog } of config.listeners) {
    const { somaxconn } = host;
    if (somaxconn === undefined || backlog <= somaxconn) continue;
    const remedy = `raise net.core.somaxconn of this network namespace to ${backlog}, or set backlog to ${somaxconn}`;
    log.warn({ listener: name, backlog, somaxconn, remedy }, "the kernel shortens the backlog");
  }
}

/** JSON has no Infinity. */
function shown(limit: number | undefined): number | "unlimited" | undefined {
  return limit === Number.POSITIVE_INFINITY ? "unlimited" : limit;
}
