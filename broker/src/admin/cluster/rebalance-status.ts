import * as z from "zod";

/** What a broker moves away, as it answers it to operators and to the others. */
export const RebalanceStatus = z.object({
  node: z.string(),
  status: z.enum(["disabled", "enabled"]),
  process: z.enum(["evacuation", "rebalance"]).optional(),
  state: z.string().optional(),
  connection_eviction_rate: z.int().optional(),
  session_eviction_rate: z.int().optional(),
  connection_goal: z.int().optional(),
  session_goal: z.int().optional(),
  hand_overs_failed: z.int().optional(),
  stats: z.object({
    current_connected: z.int(),
    current_sessions: z.int(),
    initial_connected: z.int().optional(),
    initial_sessions: z.int().optional(),
  }),
});
