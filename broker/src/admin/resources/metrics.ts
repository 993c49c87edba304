import { type Route, route } from "../route.js";

/** What the numbers are written by. */
export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}

export function metricsRoutes(metrics: MetricsText): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/metrics",
      scope: "read",
      summary: "Every number of this broker in Prometheus' text format",
      handle: async () => ({ contentType: metrics.contentType, text: await metrics.text() }),
    }),
  ];
}
