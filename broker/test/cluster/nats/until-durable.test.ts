import { expect, it, onTestFinished } from "vitest";
import { untilDurable } from "../../../src/cluster/nats/until-durable.js";

it("what fails when nobody waits for it any more, as the broker was taken for dead, ends no process", async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  await untilDurable(
    Promise.all([Promise.reject(new Error("sealed"))]),
    () => undefined,
    () => true,
  );
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(unhandled).toEqual([]);
});
