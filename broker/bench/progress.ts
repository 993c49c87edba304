import { quantity } from "./report/quantities.js";
import type { Progress } from "./schedule.js";

/** One line for each step: how far the run is, how long it still takes, what came out. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  const startedMs = Date.now();
  return {
    started({ row, contender, round }, number, of) {
      const left = number === 1 ? "" : `, ${Math.ceil((((Date.now() - startedMs) / (number - 1)) * (of - number + 1)) / 1000)} s left`;
      stream.write(
        `${String(number).padStart(3)}/${of}${left.padEnd(12)} round ${round} ${row.name.padEnd(15)} ${contender.name.padEnd(12)} `,
      );
    },
    done({ row }, outcome) {
      stream.write(`${"failure" in outcome ? outcome.failure : quantity(outcome.value, row.unit)}\n`);
    },
  };
}
