import * as z from "zod";
import { VERSION } from "../version.js";
import { type Route, route } from "./route.js";

const ProblemSchema = z.object({ title: z.string(), status: z.int(), detail: z.string() });

/** The OpenAPI 3.1 document of these routes, made when it is asked for first, and the route that gives it. */
export function openApiRoute(routes: () => readonly Route[]): Route {
  let document: unknown;
  return route({
    method: "GET",
    path: "/api/v1/openapi.json",
    scope: "read",
    summary: "This document",
    answer: z.looseObject({ openapi: z.string() }),
    handle: () => {
      document ??= openApi(routes());
      return { json: document };
    },
  });
}

export function openApi(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: "3.1.0",
    info: { title: "mqttd admin API", version: VERSION },
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: { Problem: jsonSchema(ProblemSchema) },
    },
    security: [{}, { token: [] }],
    paths,
  };
}

function operation({ method, path, scope, summary, query, body, answer, contentType = "application/json", status }: Route): object {
  const good = status ?? (answer === undefined ? 204 : 200);
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^A-Za-z0-9]+(\w?)/g, (_, next: string) => next.toUpperCase())}`,
    summary: scope === "admin" ? `${summary} (scope admin)` : summary,
    parameters: [...inPath, ...inQuery(query)],
    ...(body && { requestBody: { content: { "application/json": { schema: jsonSchema(body, "input") } } } }),
    responses: {
      [good]: { description: "Done", ...(answer && { content: { [contentType]: { schema: jsonSchema(answer) } } }) },
      default: { description: "Why not", content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } },
    },
  };
}

function inQuery(query: z.ZodType | undefined): object[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(query, "input") as {
    properties?: Record<string, { description?: string }>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: "query", required: required.includes(name), schema }));
}

function jsonSchema(schema: z.ZodType, io: "input" | "output" = "output"): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Record<string, unknown>;
  return rest;
}
