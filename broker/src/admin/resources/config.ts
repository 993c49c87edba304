import * as z from "zod";
import { ReloadError } from "../../reload/reload-error.js";
import type { AdminBroker } from "../admin-broker.js";
import { Problem } from "../problem.js";
import { type Route, route } from "../route.js";
import { NodeQuery } from "./broker.js";

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
const LogLevel = z.strictObject({ level: z.enum(LEVELS) });
/** Settings in force, and the weight of what is logged. */
export function configRoutes(broker: AdminBroker): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/api/v1/config",
      scope: "read",
      cluster: "owner",
      summary: "Settings in force; *** stands for secrets",
      query: NodeQuery,
      answer: z.looseObject({}),
      handle: () => ({ json: broker.settings() }),
    }),
    route({
      method: "POST",
      path: "/api/v1/config/reload",
      scope: "admin",
      cluster: "owner",
      summary: "Reads the settings, and the files that they name, again, as SIGHUP does: all that can change is in force then, or nothing",
      query: NodeQuery,
      answer: z.object({
        applied: z.array(z.string()).register(z.globalRegistry, { description: "Settings that are others now" }),
        needs_restart: z
          .array(z.string())
          .register(z.globalRegistry, { description: "Settings that stay as they were until the broker starts again" }),
      }),
      handle: async ({ note }) => {
        if (broker.reload === undefined) throw new Problem(409, "the settings came from no place that can be read again");
        try {
          const { applied, needsRestart } = await broker.reload();
          note({ applied, needsRestart });
          return { json: { applied, needs_restart: needsRestart } };
        } catch (error) {
          if (error instanceof ReloadError) throw new Problem(422, error.problems.join("; "));
          throw error;
        }
      },
    }),
    route({
      method: "GET",
      path: "/api/v1/log/level",
      scope: "read",
      cluster: "owner",
      summary: "Least weight of what is logged",
      query: NodeQuery,
      answer: LogLevel,
      handle: () => ({ json: { level: broker.logLevel ?? "silent" } }),
    }),
    route({
      method: "PUT",
      path: "/api/v1/log/level",
      scope: "admin",
      cluster: "owner",
      summary: "Changes it, until the broker starts again; without ?node= on the broker that is asked only",
      query: NodeQuery,
      body: LogLevel,
      answer: LogLevel,
      handle: ({ body, note }) => {
        note(body);
        if (broker.logLevel === undefined) throw new Problem(409, "this broker's log cannot be changed");
        broker.setLogLevel(body.level);
        return { json: { level: body.level } };
      },
    }),
  ];
}
