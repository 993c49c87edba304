import { describe, expect, it } from "vitest";
import type { Authorizer, ClientIdentity } from "../../src/auth/authorizer.js";
import type { Qos } from "../../src/codec/packet.js";

export interface Publication {
  readonly client: ClientIdentity;
  readonly topic: string;
  readonly qos?: Qos;
  readonly retain?: boolean;
}

export interface WantedSubscription {
  readonly client: ClientIdentity;
  readonly filter: string;
  readonly qos?: Qos;
}

/** Questions whose answer a test knows for the authoriser at hand; any list may be empty. */
export interface KnownQuestions {
  readonly mayPublish: readonly Publication[];
  readonly mayNotPublish: readonly Publication[];
  readonly maySubscribe: readonly WantedSubscription[];
  readonly mayNotSubscribe: readonly WantedSubscription[];
}

const ODD_CLIENTS: readonly ClientIdentity[] = [
  { clientId: "", userName: undefined },
  { clientId: "__proto__", userName: "constructor" },
  { clientId: "+/#", userName: "#" },
  { clientId: "%c%u", userName: "a/b" },
  { clientId: "x".repeat(65_535), userName: "" },
];
const ODD_TOPICS = ["/", "$SYS/broker/uptime", "$", "a//b", "é日\u{1f600}", "/".repeat(65_535), "%c/%u", "__proto__"];
const ODD_FILTERS = ["#", "+", "+/+/#", "$SYS/#", ...ODD_TOPICS];
const QOS: readonly Qos[] = [0, 1, 2];

/** What the broker relies on in every authoriser. */
export function describeAuthorizer(name: string, create: () => Authorizer, known: KnownQuestions): void {
  describe(name, () => {
    const publish = (authorizer: Authorizer, { client, topic, qos = 0, retain = false }: Publication) =>
      authorizer.mayPublish(client, topic, qos, retain);
    const subscribe = (authorizer: Authorizer, { client, filter, qos = 0 }: WantedSubscription) =>
      authorizer.maySubscribe(client, filter, qos);

    it("knows who may publish where", async () => {
      for (const question of known.mayPublish) expect(await publish(create(), question), question.topic).toBe(true);
      for (const question of known.mayNotPublish) expect(await publish(create(), question), question.topic).toBe(false);
    });

    it("knows who may subscribe to what", async () => {
      for (const question of known.maySubscribe) expect(await subscribe(create(), question), question.filter).toBe(true);
      for (const question of known.mayNotSubscribe) expect(await subscribe(create(), question), question.filter).toBe(false);
    });

    it("answers yes or no to odd clients and topics, and never throws at once", async () => {
      const authorizer = create();
      for (const client of ODD_CLIENTS) {
        const answers = [
          ...ODD_TOPICS.flatMap((topic) => QOS.map((qos) => authorizer.mayPublish(client, topic, qos, qos === 1))),
          ...ODD_FILTERS.flatMap((filter) => QOS.map((qos) => authorizer.maySubscribe(client, filter, qos))),
        ];
        for (const answer of await Promise.all(answers)) expect(answer).toBeTypeOf("boolean");
      }
    });

    it("gives the same answer to the same question, whatever was asked in between", async () => {
      const authorizer = create();
      const publications = [...known.mayPublish, ...known.mayNotPublish];
      const subscriptions = [...known.maySubscribe, ...known.mayNotSubscribe];
      const askAll = () =>
        Promise.all([
          ...publications.map((question) => publish(authorizer, question)),
          ...subscriptions.map((question) => subscribe(authorizer, question)),
        ]);
      expect(await askAll()).toEqual(await askAll());
    });
  });
}
