import { isNamed } from "../../cluster/broker-name.js";
import { Problem } from "../problem.js";
import type { AdminRequest, Answer, Route } from "../route.js";
import { JsonBytes } from "../send-answer.js";
import { answerReply } from "./peer-questions.js";
import { decodeReply, jsonOf, PEER_WITHIN_MS, type Peers, type Question, type Reply } from "./peers.js";

/** For all brokers that a page of a list asks, one after the other. */
const PAGE_WITHIN_MS = 8_000;

interface Asked {
  readonly node?: string | undefined;
  readonly limit?: number;
  readonly cursor?: string | undefined;
}

type Request = AdminRequest<Asked | undefined, unknown>;

/** The routes as a broker of a cluster serves them: for all brokers together, or by `?node=` for one of them. */
export function clusterWide(routes: readonly Route[], peers: Peers): readonly Route[] {
  return routes.map((route) => {
    if (route.cluster === undefined) return route;
    const handle = (request: Request): Answer | Promise<Answer> => {
      const { node } = request.query ?? {};
      if (node !== undefined) return byNode(route, request, nodeOf(node, peers), peers);
      switch (route.cluster) {
        case "list":
          return listOfAll(route, request, peers);
        case "all":
          return together(route, request, peers);
        default:
          return byOwner(route, request, peers);
      }
    };
    return { ...route, handle };
  });
}

/** Names end in what tells two lives of a broker apart, which may be left out. */
function nodeOf(asked: string, { self, names }: Peers): string {
  const found = [self, ...names].filter((name) => isNamed(name, asked));
  if (found.length === 0) throw new Problem(404, `there is no broker ${asked}: there are ${[self, ...names].join(", ")}`);
  if (found.length > 1) throw new Problem(400, `${asked} may be any of ${found.join(", ")}`);
  return found[0]!;
}

async function byNode(route: Route, request: Request, node: string, peers: Peers): Promise<Answer> {
  if (node === peers.self) return route.handle(request);
  return answerOf(route, await ask(route, request, node, peers));
}

/** Where this broker does not have it, another one may. */
async function byOwner(route: Route, request: Request, peers: Peers): Promise<Answer> {
  try {
    return await route.handle(request);
  } catch (error) {
    const isMissing = error instanceof Problem && error.status === 404 && Object.keys(request.params).length > 0;
    if (!isMissing || peers.names.length === 0) throw error;
    const replies = await Promise.allSettled(peers.names.map((peer) => ask(route, request, peer, peers)));
    const reply = replies.flatMap((one) => (one.status === "fulfilled" && one.value.status !== 404 ? [one.value] : []))[0];
    if (reply !== undefined) return answerOf(route, reply);
    const silent = peers.names.filter((_, index) => replies[index]?.status === "rejected");
    if (silent.length > 0) throw new Problem(504, `it may be with ${silent.join(", ")}, of which there is no answer`);
    throw error;
  }
}

async function together(route: Route, request: Request, peers: Peers): Promise<Answer> {
  const names = [...peers.names];
  const [own, ...others] = await Promise.allSettled([
    Promise.resolve(route.handle(request)).then(answerReply),
    ...names.map((peer) => ask(route, request, peer, peers)),
  ]);
  if (own?.status !== "fulfilled") throw own?.reason;
  const replies = others.map((one) => (one.status === "fulfilled" && one.value.status === 200 ? one.value : undefined));
  const data = [own.value, ...replies].flatMap((reply) => (reply === undefined ? [] : (jsonOf(reply) as { data: unknown[] }).data));
  const missing = names.filter((_, index) => replies[index] === undefined);
  return { json: { data, meta: missing.length > 0 ? { missing } : {} } };
}

/** Page by page through the brokers in the order of their names, so that any of them can go on where another one stopped. */
async function listOfAll(route: Route, request: Request, peers: Peers): Promise<Answer> {
  const { limit = 1, cursor, ...query } = request.query ?? {};
  const at = cursor === undefined ? undefined : placeOf(cursor);
  const order = [peers.self, ...peers.names].sort();
  const rest = at === undefined ? order : order.filter((name) => name >= at.node);
  const deadline = performance.now() + PAGE_WITHIN_MS;
  const pieces: Uint8Array[] = [];
  let count = 0;
  const missing: string[] = [];
  for (const [index, node] of rest.entries()) {
    const page = { ...query, limit: limit - count, cursor: node === at?.node ? at.cursor : undefined };
    const local = { ...request, query: page };
    let reply: Reply | undefined;
    try {
      reply = node === peers.self ? answerReply(await route.handle(local)) : await ask(route, local, node, peers);
    } catch (error) {
      if (node === peers.self) throw error;
      missing.push(node);
      continue;
    }
    if (reply.status !== 200) return answerOf(route, reply);
    pieces.push(...reply.pieces);
    count += reply.count ?? 0;
    if (reply.cursor !== undefined) return { page: { pieces, count, cursor: cursorAt(node, reply.cursor) }, missing };
    const next = rest[index + 1];
    if (next !== undefined && (count >= limit || performance.now() > deadline))
      return { page: { pieces, count, cursor: cursorAt(next, undefined) }, missing };
  }
  return { page: { pieces, count, cursor: undefined }, missing };
}

async function ask(route: Route, request: Request, peer: string, peers: Peers): Promise<Reply> {
  const { node: _, ...query } = request.query ?? {};
  const { params, body, caller } = request;
  const question: Question = { method: route.method, route: route.path, params, query, body, caller };
  return decodeReply(await peers.ask(peer, Buffer.from(JSON.stringify(question)), PEER_WITHIN_MS));
}

function answerOf(route: Route, reply: Reply): Answer {
  const { status, pieces, cursor, count = 0 } = reply;
  if (status >= 400) throw new Problem(status, (jsonOf(reply) as { detail: string }).detail);
  if (route.cluster === "list") return { page: { pieces, count, cursor } };
  return pieces[0] === undefined ? { status } : { status, json: new JsonBytes(pieces[0]) };
}

function cursorAt(node: string, cursor: string | undefined): string {
  return Buffer.from(JSON.stringify([node, cursor])).toString("base64url");
}

function placeOf(text: string): { readonly node: string; readonly cursor: string | undefined } {
  try {
    const [node, cursor] = JSON.parse(Buffer.from(text, "base64url").toString()) as unknown[];
    if (typeof node === "string" && (cursor === null || typeof cursor === "string")) return { node, cursor: cursor ?? undefined };
  } catch {
    // As below.
  }
  throw new Problem(400, "cursor: it is none that was given out");
}
