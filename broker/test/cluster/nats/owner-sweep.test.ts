import { expect, it } from "vitest";
import { sweepOwners } from "../../../src/cluster/nats/owner-sweep.js";
import { startNatsServer } from "../../support/nats-server.js";
import { Owners } from "./owners.js";

it("buries what belongs to the dead, and nothing else", async (context) => {
  const owners = new Owners(context, [await startNatsServer(context)]);
  const [dead, alive, waiting] = [await owners.add(), await owners.add(), await owners.add(undefined, 300)];
  const clients = Array.from({ length: 20 }, (_, index) => `c${index}`);
  for (const client of clients) await dead.connect(client);
  await alive.connect("c0");
  await alive.connect("mine");
  await dead.disconnect("c1");
  // Claimed by one that dies before the living one has handed over.
  alive.isAnswering = false;
  await waiting.connect("mine").catch(() => {});
  waiting.die();
  dead.die();
  alive.isAnswering = true;

  const sweep = () =>
    sweepOwners({ ...owners.place, isMember: async (brokerId) => owners.all.some(({ id, isMember }) => id === brokerId && isMember) });
  expect(await sweep()).toBe(18);
  expect(await sweep()).toBe(0);

  const next = await owners.add();
  expect(await next.connect("c0")).toBe(alive.id);
  expect(await next.connect("mine")).toBe(alive.id);
  expect(await next.connect("c2")).toBeUndefined();
  expect(owners.violations).toEqual([]);
});
