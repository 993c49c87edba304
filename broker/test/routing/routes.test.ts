import { describe, expect, it } from "vitest";
import { Routes } from "../../src/routing/routes.js";
import { type Route, Subscription, type SubscriptionOptions } from "../../src/session/subscription.js";
import { SharedGroup } from "../../src/topics/shared-group.js";
import { optionsOf, sessionContext, sessionOf } from "../session/support.js";
import { oneOf, seededRandom } from "../topics/support.js";

const context = sessionContext();
const one = sessionOf(context, "one");
const other = sessionOf(context, "other");

function routesOf(...subscriptions: readonly (readonly [session: typeof one, options: Partial<SubscriptionOptions>])[]): Routes {
  const routes = new Routes();
  for (const [session, options] of subscriptions) routes.add(new Subscription(session, optionsOf("#", options)));
  return routes.close();
}

const told = (route: Route | undefined) => route && [route.session.clientId, route.qos, route.retainAsPublished, route.identifiers];

describe("Routes", () => {
  it("is empty until something is added", () => {
    expect([new Routes().isEmpty, routesOf([one, {}]).isEmpty]).toEqual([true, false]);
  });

  it("has one route a session, at the highest QoS, with all identifiers [MQTT-3.3.4-2] [MQTT-3.3.4-3] [MQTT-3.3.4-4], 3.1.1 [MQTT-3.3.5-1]", () => {
    const { routes } = routesOf([one, { qos: 1, identifier: 3 }], [other, { qos: 0 }], [one, { qos: 2 }], [one, { qos: 0, identifier: 1 }]);
    expect(routes.map(told)).toEqual([
      ["one", 2, false, [3, 1]],
      ["other", 0, false, undefined],
    ]);
  });

  it("keeps RETAIN as published if any of the subscriptions asks for that", () => {
    const { routes } = routesOf([one, {}], [one, { retainAsPublished: true }], [one, {}]);
    expect(routes.map(told)).toEqual([["one", 1, true, undefined]]);
  });

  it("has for the session's own messages only what No Local leaves [MQTT-3.8.3-3]", () => {
    const local = { noLocal: true };
    expect(told(routesOf([one, local]).routes[0]!.forOwn)).toBeUndefined();
    expect(told(routesOf([one, {}]).routes[0]!.forOwn)).toEqual(["one", 1, false, undefined]);
    expect(told(routesOf([one, { ...local, qos: 2, identifier: 1 }], [one, { qos: 0, identifier: 2 }]).routes[0]!.forOwn)).toEqual([
      ...["one", 0, false],
      [2],
    ]);
    expect(told(routesOf([one, local], [one, { ...local, identifier: 2 }]).routes[0]!.forOwn)).toBeUndefined();
  });

  it("keeps shared groups apart: each gets its own copy", () => {
    const group = () =>
      new SharedGroup<Subscription>({ strategy: "sticky", isOnline: () => true, inflightCount: () => 0, random: () => 0 });
    const routes = routesOf([one, {}]);
    const groups = [group(), group()];
    for (const each of groups) routes.add(each);
    expect([routes.groups, routes.routes.length]).toEqual([groups, 1]);
  });

  it.each([1, 2, 3])("merges as the definition says, for few sessions and for many (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const sessions = Array.from({ length: 60 }, (_, i) => sessionOf(context, `s${i}`));
    for (let round = 0; round < 60; round++) {
      const taken = sessions.slice(0, 1 + round);
      const added = Array.from({ length: 100 }, () => {
        const identifier = random() < 0.5 ? undefined : 1 + Math.floor(random() * 9);
        const options = { qos: oneOf([0, 1, 2] as const, random), noLocal: random() < 0.3, retainAsPublished: random() < 0.3, identifier };
        return [oneOf(taken, random), options] as const;
      });
      const { routes } = routesOf(...added);
      const expected = [...new Set(added.map(([session]) => session))].map((session) => {
        const own = added.filter(([owner]) => owner === session).map(([, options]) => options);
        return [
          defined(session.clientId, own),
          defined(
            session.clientId,
            own.filter(({ noLocal }) => !noLocal),
          ),
        ];
      });
      expect(routes.map((route) => [told(route), told(route.forOwn)])).toEqual(expected);
    }
  });
});

type Options = Required<Pick<SubscriptionOptions, "qos" | "noLocal" | "retainAsPublished">> & { readonly identifier: number | undefined };

function defined(clientId: string, options: readonly Options[]): unknown {
  if (options.length === 0) return undefined;
  const identifiers = options.flatMap(({ identifier }) => identifier ?? []);
  return [
    clientId,
    Math.max(...options.map(({ qos }) => qos)),
    options.some(({ retainAsPublished }) => retainAsPublished),
    identifiers.length === 0 ? undefined : identifiers,
  ];
}
