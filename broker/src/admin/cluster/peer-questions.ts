import type { Log } from "../../log.js";
import { audit } from "../audit.js";
import { Problem } from "../problem.js";
import type { Answer, Route } from "../route.js";
import { jsonBytes, statusOf } from "../send-answer.js";
import { encodeReply, PEER_WITHIN_MS, type Question, type Reply } from "./peers.js";

/** Questions that are worked at; more come only if another broker's operators ask for very much. */
const MOST_QUESTIONS = 64;

/** Answers what other brokers ask for their operators, each for this broker alone. */
export class PeerQuestions {
  readonly #routes: readonly Route[];
  readonly #log: Log;
  #inProgress = 0;

  constructor(routes: readonly Route[], log: Log) {
    this.#routes = routes;
    this.#log = log;
  }

  async answer(bytes: Uint8Array): Promise<Uint8Array> {
    if (this.#inProgress >= MOST_QUESTIONS) return encodeReply(replyOf(new Problem(503, "as many questions are worked at as may be")));
    this.#inProgress++;
    try {
      return encodeReply(await this.#replyTo(JSON.parse(Buffer.from(bytes).toString()) as Question));
    } catch (error) {
      if (!(error instanceof Problem)) this.#log.error({ err: error }, "a question of another broker could not be answered");
      return encodeReply(replyOf(error instanceof Problem ? error : new Problem(500, "it could not be done; the broker's log says why")));
    } finally {
      this.#inProgress--;
    }
  }

  async #replyTo({ method, route: path, params, query, body, caller }: Question): Promise<Reply> {
    const route = this.#routes.find((one) => one.method === method && one.path === path);
    if (route?.cluster === undefined) throw new Problem(404, "that broker does not know of this: it may be of another version");
    const notes: Record<string, unknown> = {};
    const signal = AbortSignal.timeout(PEER_WITHIN_MS);
    let status = 500;
    try {
      const note = (more: Readonly<Record<string, unknown>>) => void Object.assign(notes, more);
      const answer = await route.handle({ caller, params, query, body, signal, note });
      const reply = answerReply(answer);
      status = reply.status;
      return reply;
    } catch (error) {
      if (error instanceof Problem) status = error.status;
      throw error;
    } finally {
      audit(this.#log, route, caller, { params, status, notes });
    }
  }
}

export function answerReply(answer: Answer): Reply {
  if ("page" in answer) {
    return { status: 200, ...answer.page };
  }
  if ("stream" in answer || "contentType" in answer) throw new Error("such an answer cannot be handed on");
  const { json } = answer;
  return { status: statusOf(answer), pieces: json === undefined ? [] : [jsonBytes(json)] };
}

function replyOf(problem: Problem): Reply {
  return { status: problem.status, pieces: [jsonBytes(problem)] };
}
