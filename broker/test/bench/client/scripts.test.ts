import { describe, expect, it, type TestContext } from "vitest";
import type { BenchRequest } from "../../../src/bench/bench.js";
import { type Actions, program } from "../../../src/cli/program.js";
import { makeCertificates } from "../../support/certificates.js";
import { startBroker } from "../../support/start-broker.js";
import { TestClient } from "../../support/test-client.js";
import { BenchRun } from "./bench-run.js";

/** Command lines from emqtt-bench's README and EMQX's documentation, and what differs here: fewer clients, addresses of this machine. */
const CONNECTING = [
  ["conn -c 50000 -i 10", "-c 3"],
  ["conn -h emqx-server -c 1000", "-c 3"],
  ["conn -V 4 -h 10.0.0.4 -p 1883 -c 200 -i 10 -k 60", "-c 3"],
  ["conn -c 20000 -i 1 -V 4 -n 10000", "-c 3"],
  ["conn -h 10.0.0.4 -c 100 -l -Q true --prometheus --restapi 9090 -x 3600 -C false", "-c 3 --restapi 127.0.0.1:0"],
] as const;

const SUBSCRIBING = [
  ["sub -c 50000 -i 10 -t bench/%i -q 2", "-c 3", "bench/2"],
  ["sub -t t -h emqx-server -c 500", "-c 3", "t"],
  ["sub --ifaddr 192.168.2.10 -t bench/%i", "-c 3 --ifaddr 127.0.0.2", "bench/3"],
  ["sub -c 100 -i 10 -t bench/%i -p 8883 --ssl", "-c 3", "bench/1"],
  ["sub -c 100 -i 10 -t bench/%i -p 8883 --ssl --certfile path/to/client-cert.pem --keyfile path/to/client-key.pem", "-c 3", "bench/1"],
  [
    "sub -c 200000 -t perf/test --ifaddr 192.168.200.18,192.168.200.19,192.168.200.20,192.168.200.21",
    "-c 3 --ifaddr 127.0.0.2,127.0.0.3",
    "perf/test",
  ],
  ["sub -c 1000 -h 10.0.0.6 -i 1 -t 1/%c/1/%i/+/req -t 2/%i/+/req --prefix p --shortids", "-c 3", "1/p2/1/2/x/req"],
] as const;

const PUBLISHING = [
  ["pub -c 100 -I 10 -t bench/%i -s 256", "-c 3", "bench/3", 256],
  ["pub -t t -h emqx-server -s 16 -q 0 -c 10 -I 10", "-c 3", "t", 16],
  ["pub --ifaddr 192.168.1.10 -t bench/%i -m hello", "-c 3 --ifaddr 127.0.0.2 -I 10", "bench/2", 5],
  ["pub -c 100 -I 10 -t bench/%i -p 8883 -s 256 --ssl", "-c 3", "bench/1", 256],
  [
    "pub -c 100 -i 10 -t bench/%i -s 256 -p 8883 --ssl --certfile path/to/client-cert.pem --keyfile path/to/client-key.pem",
    "-c 3 -I 10",
    "bench/1",
    256,
  ],
  ["pub -c 10000 -I 2 -t bench/%i -s 1024 -V 4 -L 10000", "-c 3 -L 1000", "bench/2", 1_024],
  [
    "pub -c 1000 -h 10.0.0.4 -t bench/%i -I 2000 -s 0 -q 1 -F 16 -w true -i 1 --min-random-wait 2000 --max-random-wait 7000 --payload-hdrs ts",
    "-c 3 -I 10 --min-random-wait 5 --max-random-wait 50",
    "bench/3",
    8,
  ],
] as const;

interface Ports {
  readonly tcp: number;
  readonly tls: number;
}

/** Runs a line as a shell would have it, with other values behind it, which count. */
function runLine(context: TestContext, line: string, otherwise: string, ports: Ports): BenchRun {
  const { client } = makeCertificates(context);
  const files = line.replace("path/to/client-cert.pem", client.certFile).replace("path/to/client-key.pem", client.keyFile);
  const port = line.includes("--ssl") ? ports.tls : ports.tcp;
  let asked: BenchRequest | undefined;
  const actions = {
    bench: async (request: BenchRequest) => {
      asked = request;
    },
  };
  const args = `bench ${files} ${otherwise} -h 127.0.0.1 -p ${port} --json`.split(" ");
  program(actions as unknown as Actions, { out: () => {}, err: () => {} }).parse(args, { from: "user" });
  const { command, flags } = asked!;
  return new BenchRun(command, port, Object.fromEntries(flags));
}

async function startBoth(context: TestContext): Promise<Ports> {
  const { server } = makeCertificates(context);
  const tls = { certFile: server.certFile, keyFile: server.keyFile };
  const listeners = [
    { name: "tcp", host: "127.0.0.1", port: 0, transport: "tcp" },
    { name: "tls", host: "127.0.0.1", port: 0, transport: "tls", tls },
  ];
  return (await startBroker({ settings: { listeners } })).ports as unknown as Ports;
}

async function endsWell(run: BenchRun): Promise<void> {
  run.stop();
  expect(await run.ended).toBe(0);
  expect(run.err).toBe("");
  expect(run.summary.counts).toMatchObject({ connect_succ: 3, connect_fail: 0, disconnected: 0, sub_fail: 0, pub_fail: 0 });
}

describe("a script written for emqtt-bench", () => {
  it.for(CONNECTING)("connects with %s", async ([line, otherwise], context: TestContext) => {
    const run = runLine(context, line, otherwise, await startBoth(context));
    await run.reached("connected", 3);
    await endsWell(run);
  });

  it.for(SUBSCRIBING)("subscribes with %s", async ([line, otherwise, topic], context: TestContext) => {
    const ports = await startBoth(context);
    const run = runLine(context, line, otherwise, ports);
    await run.reached("sub", 3);
    const client = await TestClient.connect(ports.tcp);
    client.publish(topic);
    await run.reached("recv", 1);
    await endsWell(run);
  });

  it.for(PUBLISHING)("publishes with %s", async ([line, otherwise, topic, bytes], context: TestContext) => {
    const ports = await startBoth(context);
    const client = await TestClient.connect(ports.tcp);
    await client.subscribe([topic]);
    const run = runLine(context, line, otherwise, ports);
    const [message] = await client.receiveMessages(1);
    expect(message).toMatchObject({ topic, payload: { length: bytes } });
    client.destroy();
    // Such a one ends by itself.
    if (line.includes("-L")) await run.ended;
    else await run.reached("connected", 3);
    await endsWell(run);
  });
});
