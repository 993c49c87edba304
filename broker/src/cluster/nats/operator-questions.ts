import type { Engine } from "./engine.js";

/** Answers what operators ask through a peer. Never rejects. */
export type AnswerQuestion = (question: Uint8Array) => Promise<Uint8Array>;

/** Where operators' questions to a broker go. */
export function questionsTo(prefix: string, broker: string): string {
  return `${prefix}.q.${broker}`;
}

/** Answers questions to a broker until the returned function is called. */
export function answerQuestions(engine: Engine, prefix: string, broker: string, answer: AnswerQuestion): () => void {
  return engine.subscribe(questionsTo(prefix, broker), (question, _subject, reply) => void answer(question).then(reply));
}
