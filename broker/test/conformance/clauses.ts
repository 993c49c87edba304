import { CLAUSES_OF_5 } from "./clauses-5.js";
import { CLAUSES_OF_311 } from "./clauses-311.js";

export type Standard = "3.1.1" | "5.0";

/** Whom a clause binds. What binds the client alone, a server cannot break. */
export type Duty = "server" | "client" | "both";

/** A numbered normative statement of a standard. */
export interface Clause {
  readonly standard: Standard;
  /** As the standard prints it between its brackets, for example "MQTT-3.1.0-1". */
  readonly id: string;
  readonly duty: Duty;
  /** What it asks for, in our words. */
  readonly meaning: string;
}

/** A clause in the tables: its number without "MQTT-". */
export type ClauseRow = readonly [number: string, duty: Duty, meaning: string];

/** Appendix B of both standards, in its order: OASIS Standard 3.1.1 of 29 October 2014, and 5.0 of 7 March 2019. */
export const CLAUSES: readonly Clause[] = [...clausesOf("3.1.1", CLAUSES_OF_311), ...clausesOf("5.0", CLAUSES_OF_5)];

function clausesOf(standard: Standard, rows: readonly ClauseRow[]): Clause[] {
  return rows.map(([number, duty, meaning]) => ({ standard, id: `MQTT-${number}`, duty, meaning }));
}
