import { type Check, isWrong } from "../doctor/check.js";
import type { Metric } from "./metric.js";

/** What the doctor says, at every scrape: kernel settings change under a broker that runs. */
export function doctorMetrics(checks: () => readonly Check[]): Metric[] {
  return [
    {
      name: "mqttd_doctor_check_ok",
      help: "Whether what the broker needs of its node and container is there: 1, or 0 where mqttd doctor says what to change",
      type: "gauge",
      read: () =>
        checks()
          .filter(({ verdict }) => verdict !== "unseen")
          .map((check) => ({ value: isWrong(check) ? 0 : 1, labels: { check: check.name, need: check.need } })),
    },
  ];
}
