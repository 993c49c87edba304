import { expect, it } from "vitest";
import { EngineUnavailableError } from "../../../src/cluster/nats/engine-errors.js";
import { startNatsCluster, startNatsServer } from "../../support/nats-server.js";
import { describeBackplane, describePeers } from "../backplane.suite.js";
import { lastingBackplane, natsBackplane } from "./test-backplane.js";

describeBackplane("NatsBackplane", async (context) => {
  const { url } = await startNatsServer(context);
  return natsBackplane([url]);
});

describePeers("NatsBackplane", async (context) => {
  const { url } = await startNatsServer(context);
  return [natsBackplane([url]), natsBackplane([url])];
});

describePeers("NatsBackplane on three servers", async (context) => {
  const servers = await startNatsCluster(context);
  const urls = servers.map(({ url }) => url);
  const create = (first: number) => natsBackplane([urls[first]!, ...urls], { storage: "file", replicas: 3 });
  return [create(0), create(1)];
});

it("NatsBackplane tries on at start while what the cluster has in common cannot be read", async (context) => {
  const { url } = await startNatsServer(context);
  const events = { onMessage: () => {}, onTakenOver: () => {}, onFenced: () => {}, onCutOff: () => {} };
  let left = 2;
  const load = async () => {
    if (left-- > 0) throw new EngineUnavailableError("the stream has no leader yet", { isOutcomeUnknown: false });
  };
  const backplane = lastingBackplane([url], { load });
  await backplane.start(events);
  expect([left, backplane.isReady]).toEqual([-1, true]);
  const broken = natsBackplane([url], { load: () => Promise.reject(new TypeError("a defect")) });
  await expect(broken.start(events)).rejects.toThrow("a defect");
});
