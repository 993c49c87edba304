import type { Qos } from "../../src/codec/packet.js";
import type { Random } from "../codec/random.js";
import { type Actor, LONG_SECONDS, Publisher, type Stage, Subscriber } from "../torture/actors.js";
import type { ChaosHistory } from "./chaos-history.js";
import { CleanSubscriber } from "./clean-subscriber.js";

/** What clients have: sessions that end with their connections, that outlive them, or some the one and some the other. */
export type Sessions = "clean" | "persistent" | "both";

export interface ChaosStage extends Stage {
  readonly history: ChaosHistory;
  readonly random: Random;
  /** Begins every client identifier and topic, so that rounds have nothing in common. */
  readonly prefix: string;
}

/** Publishers at all QoS and subscribers of all kinds, on whatever broker they find. */
export function chaosCast(stage: ChaosStage, sessions: Sessions): readonly Actor[] {
  if (sessions === "clean") return clean(stage);
  if (sessions === "persistent") return persistent(stage);
  return [...clean(stage), ...persistent(stage), ...mixedGroup(stage, 1), ...mixedGroup(stage, 2)];
}

/** Members of one shared group, some of whose sessions outlive their connections. For the others, which are slow, messages wait at their brokers. */
function mixedGroup(stage: ChaosStage, qos: Qos): readonly Actor[] {
  const { prefix: p } = stage;
  const same = { version: 5, filter: `${p}/t/${qos}`, qos, group: `${p}-mg${qos}` } as const;
  return [1, 2].flatMap((member) => [
    new Subscriber(stage, { name: `${p}-psub-m${qos}${member}`, ...same, leavesOneIn: 100, returnsOneIn: 20 }),
    new CleanSubscriber(stage, { name: `${p}-sub-m${qos}${member}`, ...same, paceMs: 300, leavesOneIn: 600, returnsOneIn: 10 }),
  ]);
}

function topicsOf({ prefix }: ChaosStage): readonly string[] {
  return ["0", "1", "2", "3"].map((name) => `${prefix}/t/${name}`);
}

function clean(stage: ChaosStage): readonly Actor[] {
  const { prefix: p } = stage;
  const topics = topicsOf(stage);
  const ends = { expirySeconds: 0, topics };
  return [
    new Publisher(stage, { name: `${p}-pub-1`, version: 5, qos: [0, 1, 2], ...ends }),
    new Publisher(stage, { name: `${p}-pub-2`, version: 4, qos: [1, 2], ...ends }),
    new Publisher(stage, { name: `${p}-pub-3`, version: 5, qos: [2], ...ends }),
    new Publisher(stage, {
      name: `${p}-pub-kept`,
      version: 5,
      qos: [1, 2],
      retain: true,
      expirySeconds: 0,
      topics: [`${p}/kept/0`, `${p}/kept/1`],
    }),

    new CleanSubscriber(stage, { name: `${p}-sub-all`, version: 5, filter: `${p}/t/#`, qos: 2 }),
    new CleanSubscriber(stage, { name: `${p}-sub-all-311`, version: 4, filter: `${p}/t/+`, qos: 2, leavesOneIn: 400 }),
    new CleanSubscriber(stage, { name: `${p}-sub-least`, version: 5, filter: `${p}/t/1`, qos: 1, leavesOneIn: 200, returnsOneIn: 10 }),
    new CleanSubscriber(stage, { name: `${p}-sub-coming`, version: 4, filter: `${p}/t/0`, qos: 2, leavesOneIn: 40, returnsOneIn: 10 }),
    ...[1, 2, 3].map(
      (member) =>
        new CleanSubscriber(stage, {
          name: `${p}-sub-g${member}`,
          version: 5,
          filter: `${p}/t/3`,
          qos: 2,
          group: `${p}-g`,
          leavesOneIn: 600,
        }),
    ),
  ];
}

function persistent(stage: ChaosStage): readonly Actor[] {
  const { prefix: p } = stage;
  const topics = topicsOf(stage);
  const stays = { expirySeconds: LONG_SECONDS, topics };
  return [
    new Publisher(stage, { name: `${p}-ppub-once`, version: 5, qos: [2], ...stays }),
    new Publisher(stage, { name: `${p}-ppub-311`, version: 4, qos: [0, 1, 2], ...stays }),
    new Publisher(stage, {
      name: `${p}-ppub-kept`,
      version: 5,
      qos: [1, 2],
      retain: true,
      ...stays,
      topics: [`${p}/kept/2`, `${p}/kept/3`],
    }),

    new Subscriber(stage, { name: `${p}-psub-all`, version: 5, filter: `${p}/t/+`, qos: 2 }),
    new Subscriber(stage, { name: `${p}-psub-all-311`, version: 4, filter: `${p}/t/#`, qos: 2, leavesOneIn: 200 }),
    new Subscriber(stage, { name: `${p}-psub-least`, version: 4, filter: `${p}/t/1`, qos: 1, leavesOneIn: 100, returnsOneIn: 20 }),
    new Subscriber(stage, { name: `${p}-psub-away`, version: 5, filter: `${p}/t/2`, qos: 2, leavesOneIn: 20, returnsOneIn: 200 }),
    new Subscriber(stage, { name: `${p}-psub-changing`, version: 5, filter: `${p}/t/0`, qos: 2, changesOneIn: 40, leavesOneIn: 300 }),
    ...[1, 2].map(
      (member) =>
        new Subscriber(stage, {
          name: `${p}-psub-g${member}`,
          version: 5,
          filter: `${p}/t/3`,
          qos: 2,
          group: `${p}-pg`,
          leavesOneIn: 100,
          returnsOneIn: 20,
        }),
    ),
  ];
}
