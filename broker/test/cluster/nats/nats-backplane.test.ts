import { startNatsCluster, startNatsServer } from "../../support/nats-server.js";
import { describeBackplane, describePeers } from "../backplane.suite.js";
import { natsBackplane } from "./test-backplane.js";

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
