import { type Actor, LONG_SECONDS, Publisher, ShortSession, type Stage, Subscriber, WillClient } from "./actors.js";

const TOPICS = ["t/0", "t/1", "t/2", "t/3", "t/4"];

/** Everyone who takes part: publishers at all QoS, subscribers that are there, come and go, or are away most of the time. */
export function castOf(stage: Stage): readonly Actor[] {
  const persistent = { expirySeconds: LONG_SECONDS, topics: TOPICS };
  return [
    new Publisher(stage, { name: "pub-once", version: 5, qos: [2], ...persistent }),
    new Publisher(stage, { name: "pub-once-311", version: 4, qos: [2], ...persistent }),
    new Publisher(stage, { name: "pub-mixed", version: 5, qos: [0, 1, 2], ...persistent }),
    new Publisher(stage, { name: "pub-mixed-311", version: 4, qos: [0, 1, 2], ...persistent }),
    new Publisher(stage, { name: "pub-clean", version: 5, qos: [0, 1], topics: TOPICS, expirySeconds: 0 }),
    new Publisher(stage, {
      name: "pub-retained",
      version: 5,
      qos: [1, 2],
      retain: true,
      ...persistent,
      topics: ["kept/0", "kept/1", "kept/2"],
    }),
    new Publisher(stage, { name: "pub-retained-31", version: 3, qos: [1], retain: true, ...persistent, topics: ["kept/3", "kept/4"] }),

    new Subscriber(stage, { name: "sub-once", version: 5, filter: "t/+", qos: 2 }),
    new Subscriber(stage, { name: "sub-once-311", version: 4, filter: "t/#", qos: 2, leavesOneIn: 300 }),
    new Subscriber(stage, { name: "sub-least", version: 4, filter: "t/1", qos: 1, leavesOneIn: 200, returnsOneIn: 20 }),
    new Subscriber(stage, { name: "sub-away", version: 5, filter: "t/2", qos: 2, leavesOneIn: 20, returnsOneIn: 400 }),
    new Subscriber(stage, { name: "sub-changing", version: 5, filter: "t/0", qos: 2, changesOneIn: 20, leavesOneIn: 300 }),
    new Subscriber(stage, { name: "sub-shared-1", version: 5, filter: "t/3", qos: 2, group: "g", leavesOneIn: 100, returnsOneIn: 50 }),
    new Subscriber(stage, { name: "sub-shared-2", version: 4, filter: "t/3", qos: 2, group: "g", leavesOneIn: 200, returnsOneIn: 10 }),
    new Subscriber(stage, { name: "sub-wills", version: 5, filter: "wills/#", qos: 2, leavesOneIn: 400 }),

    new WillClient(stage, "will-at-once", 0),
    new WillClient(stage, "will-delayed", 1),
    new ShortSession(stage, "short-1", 2),
    new ShortSession(stage, "short-2", 2),
  ];
}
