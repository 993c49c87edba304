import { expect, it } from "vitest";
import { LastingGroups } from "../../../src/cluster/nats/lasting-groups.js";
import { routeText } from "../../../src/cluster/nats/route-records.js";

it("a group has sessions that outlive their connections if it has any here, or had any on a broker that has died, whichever died since", () => {
  const groups = new LastingGroups(({ shareName, filter }) => shareName === "here" && filter === "t");
  const lasting = () => ["here", "there", "clean"].filter((shareName) => groups.has(routeText("t", shareName)));
  expect(lasting()).toEqual(["here"]);
  groups.note([routeText("t", "there")]);
  groups.note([]);
  expect([lasting(), groups.has(routeText("t"))]).toEqual([["here", "there"], false]);
});
