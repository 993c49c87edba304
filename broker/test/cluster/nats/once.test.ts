import { describe, expect, it, onTestFinished } from "vitest";
import { ClusterStore } from "../../../src/cluster/nats/cluster-store.js";
import { Once } from "../../../src/cluster/nats/once.js";
import { NEVER } from "../../../src/message.js";
import type { Outgoing } from "../../../src/persistence/records.js";
import { SILENT } from "./test-backplane.js";

const MESSAGE = {
  topic: "t",
  payload: Buffer.from("x"),
  qos: 2,
  retain: false,
  properties: {},
  expiresAtMs: NEVER,
  publisher: "",
} as const;

describe("what a dead broker had on its way", () => {
  it("is sent on though peers cannot be reached at once, and that harms nobody", async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", note);
    onTestFinished(() => void process.off("unhandledRejection", note));
    const sent: number[] = [];
    const once = new Once({
      self: "self",
      store: new ClusterStore({ log: SILENT }),
      messages: () => ({
        publishOnce: ({ number }) => {
          sent.push(number);
          return Promise.reject(new Error("out of reach"));
        },
      }),
      commit: () => undefined,
      durable: async () => {},
    });
    const left: Outgoing[] = [1, 2].map((number) => ({ origin: "dead", number, message: MESSAGE, toSubscribers: true, groups: [] }));
    once.publishAgain(left, "dead");
    await new Promise(setImmediate);
    expect([sent, unhandled]).toEqual([[1, 2], []]);
  });
});
