import { expect, it } from "vitest";
import { messageProblem } from "../../src/handlers/administer.js";
import type { Core } from "../../src/handlers/core.js";

it("of an operator's message only what could be retained is asked about room for it, as each that finds none is counted", () => {
  const asked: string[] = [];
  const mayRetainBytes = (topic: string) => {
    asked.push(topic);
    return false;
  };
  const core = { settings: { maxQos: 2, maxTopicLevels: 2, retainAvailable: true }, router: { mayRetainBytes } } as unknown as Core;
  const problem = (topic: string, retain: boolean) =>
    messageProblem(core, { topic, payload: Buffer.from("x"), qos: 0, retain, properties: {} });
  expect([problem("a/b/c", true), problem("a/b/c", false)]).toEqual([expect.stringMatching(/level/), expect.stringMatching(/level/)]);
  expect([problem("a", true), problem("a", false)]).toEqual(["there is no room for another retained message", undefined]);
  expect(asked).toEqual(["a"]);
});
