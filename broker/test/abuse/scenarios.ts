import { churn } from "./churn.js";
import { connectRate, lowConnectRate } from "./connect-rate.js";
import { connectStorm, spreadStorm } from "./connect-storm.js";
import { flood } from "./flood.js";
import { fastHalfOpen, halfOpen } from "./half-open.js";
import type { Scenario } from "./scenario.js";
import { slowReader } from "./slow-reader.js";
import { wrongPasswords } from "./wrong-passwords.js";

export const SCENARIOS: readonly Scenario[] = [
  connectStorm,
  spreadStorm,
  connectRate,
  lowConnectRate,
  slowReader,
  flood,
  halfOpen,
  fastHalfOpen,
  wrongPasswords,
  churn,
];
