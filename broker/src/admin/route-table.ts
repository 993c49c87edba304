import { Problem } from "./problem.js";
import type { Route } from "./route.js";

/** A route that a path leads to, with what stands in its places. */
export interface Found {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

interface Entry {
  readonly route: Route;
  readonly segments: readonly string[];
}

/** Finds the route of a request. There are a few dozen of them, so that they are looked at one by one. */
export class RouteTable {
  readonly #entries: readonly Entry[];

  constructor(routes: readonly Route[]) {
    this.#entries = routes.map((route) => ({ route, segments: route.path.split("/") }));
  }

  /**
   * `path` is as it came, without the query. What stands between slashes is decoded once, so that `%2F` is part of a name; nothing is made of
   * `.` and `..`, as nothing here is a file.
   *
   * @throws Problem 400, 404 or 405
   */
  find(method: string, path: string): Found {
    const segments = path.split("/").map(decoded);
    const fitting = this.#entries.filter((entry) => fits(entry, segments));
    if (fitting.length === 0) throw new Problem(404, "there is nothing under this path; /api/v1/openapi.json lists what there is");
    // What is spelt out goes before what stands for anything.
    const found = fitting.filter(({ route }) => route.method === method).sort((a, b) => placesIn(a) - placesIn(b))[0];
    if (found !== undefined) return { route: found.route, params: paramsOf(found, segments) };
    const allowed = [...new Set(fitting.map(({ route }) => route.method))].join(", ");
    throw new Problem(405, `this path takes ${allowed}`, { Allow: allowed });
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Problem(400, "the path is not well encoded: % begins two hexadecimal digits of UTF-8");
  }
}

function fits({ segments: expected }: Entry, segments: readonly string[]): boolean {
  return (
    expected.length === segments.length && expected.every((word, i) => (word.startsWith(":") ? segments[i] !== "" : word === segments[i]))
  );
}

function placesIn({ segments }: Entry): number {
  return segments.filter((word) => word.startsWith(":")).length;
}

function paramsOf({ segments: expected }: Entry, segments: readonly string[]): Record<string, string> {
  return Object.fromEntries(expected.flatMap((word, i) => (word.startsWith(":") ? [[word.slice(1), segments[i]!]] : [])));
}
