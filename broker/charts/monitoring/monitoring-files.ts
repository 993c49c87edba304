import { alertRules } from "./alerts.js";
import { dashboard } from "./dashboard.js";

/** What ships in the chart for Grafana and Prometheus, by name below its folder. */
export function monitoringFiles(): Record<string, string> {
  return {
    "monitoring/dashboard.json": `${JSON.stringify(dashboard(), null, 2)}\n`,
    "monitoring/alerts.json": `${JSON.stringify(alertRules(), null, 2)}\n`,
  };
}
