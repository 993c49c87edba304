import { describe, expect, it } from "vitest";
import { MOSQUITTO_VERSIONS, Mosquitto } from "../support/foreign-mosquitto.js";
import { MqttJs } from "../support/foreign-mqttjs.js";
import { urlOf } from "../support/foreign-transports.js";
import { startBroker } from "../support/start-broker.js";

const MESSAGES = 100;

describe.each(MOSQUITTO_VERSIONS)("mosquitto's clients with %s", (version) => {
  it.for([0, 1, 2])("publish and receive in order at QoS %i", async (qos, context) => {
    const broker = await startBroker();
    const mosquitto = new Mosquitto(context, broker, ["-V", version, "-q", `${qos}`]);
    const subscriber = await mosquitto.subscribe(["-t", "lines/+", "-F", "%q %t %p"]);
    const payloads = Array.from({ length: MESSAGES }, (_, i) => `line ${i}`);
    await mosquitto.publish(["-t", "lines/a", "-l"], payloads.map((line) => `${line}\n`).join(""));
    expect(await subscriber.lines.take(MESSAGES)).toEqual(payloads.map((line) => `${qos} lines/a ${line}`));
  });

  it("get retained messages, and remove them", async (context) => {
    const broker = await startBroker();
    const mosquitto = new Mosquitto(context, broker, ["-V", version, "-q", "1"]);
    for (const room of ["attic", "cellar"]) await mosquitto.publish(["-t", `lamp/${room}`, "-m", "on", "-r"]);
    const retained = await mosquitto.subscribe(["-t", "lamp/#", "-F", "%r %t %p"]);
    expect((await retained.lines.take(2)).sort()).toEqual(["1 lamp/attic on", "1 lamp/cellar on"]);
    await mosquitto.publish(["-t", "lamp/attic", "-n", "-r"]);
    const rest = await mosquitto.subscribe(["-t", "lamp/#", "-F", "%r %t %p"]);
    await mosquitto.publish(["-t", "lamp/attic", "-m", "off"]);
    expect(await rest.lines.take(2)).toEqual(["1 lamp/cellar on", "0 lamp/attic off"]);
  });

  it("find their session again", async (context) => {
    const broker = await startBroker();
    const mosquitto = new Mosquitto(context, broker, ["-V", version, "-q", "2"]);
    const sleeper = ["-i", "sleeper", "-c", "-t", "news"];
    await mosquitto.subscribeAndLeave(sleeper);
    await mosquitto.publish(["-t", "news", "-m", "meanwhile", "--repeat", "3"]);
    const subscriber = await mosquitto.subscribe(sleeper);
    expect(await subscriber.lines.take(3)).toEqual(["meanwhile", "meanwhile", "meanwhile"]);
  });

  it("have their will published when they are killed", async (context) => {
    const broker = await startBroker();
    const mosquitto = new Mosquitto(context, broker, ["-V", version]);
    const watcher = await mosquitto.subscribe(["-t", "wills/#", "-v"]);
    const mortal = await mosquitto.subscribe(["-t", "x", "--will-topic", "wills/mortal", "--will-payload", "gone"]);
    await mortal.kill();
    expect(await watcher.lines.take(1)).toEqual(["wills/mortal gone"]);
  });

  it("publish what other clients receive, and the other way round", async (context) => {
    const broker = await startBroker();
    const mosquitto = new Mosquitto(context, broker, ["-V", version, "-q", "2"]);
    const other = await MqttJs.connect(urlOf(broker), { protocolVersion: 5 });
    await other.subscribe("up", 2);
    const subscriber = await mosquitto.subscribe(["-t", "down"]);
    await mosquitto.publish(["-t", "up", "-m", "hello"]);
    expect(await other.texts(1)).toEqual(["up=hello"]);
    await other.publish("down", "answer", { qos: 2, properties: { contentType: "text/plain" } });
    expect(await subscriber.lines.take(1)).toEqual(["answer"]);
  });
});

describe("mosquitto's clients with MQTT 5", () => {
  it("send and show properties", async (context) => {
    const broker = await startBroker();
    const mosquitto = new Mosquitto(context, broker, ["-V", "mqttv5", "-q", "1"]);
    const format = "%t|%p|%C|%R|%D|%E|%F|%P";
    const identifier = ["-D", "SUBSCRIBE", "subscription-identifier", "42"];
    const subscriber = await mosquitto.subscribe(["-t", "a/b", ...identifier, "-F", `${format}|%S`]);
    const properties = [
      ["content-type", "text/plain"],
      ["response-topic", "answers"],
      ["correlation-data", "17"],
      ["message-expiry-interval", "3600"],
      ["payload-format-indicator", "1"],
      ["user-property", "unit", "celsius"],
      ["user-property", "place", "roof"],
    ].flatMap((property) => ["-D", "PUBLISH", ...property]);
    await mosquitto.publish(["-t", "a/b", "-m", "21.5", ...properties]);
    expect(await subscriber.lines.take(1)).toEqual(["a/b|21.5|text/plain|answers|17|3600|1|unit:celsius place:roof|42"]);
  });

  it("use topic aliases", async (context) => {
    const broker = await startBroker();
    const mosquitto = new Mosquitto(context, broker, ["-V", "mqttv5", "-q", "1"]);
    const subscriber = await mosquitto.subscribe(["-t", "a/long/topic", "-v"]);
    await mosquitto.publish(["-t", "a/long/topic", "-D", "PUBLISH", "topic-alias", "3", "-m", "x", "--repeat", "5"]);
    expect(await subscriber.lines.take(5)).toEqual(Array(5).fill("a/long/topic x"));
  });

  it("share a subscription", async (context) => {
    const broker = await startBroker();
    const mosquitto = new Mosquitto(context, broker, ["-V", "mqttv5", "-q", "1"]);
    const members = [await mosquitto.subscribe(["-t", "$share/g/jobs"]), await mosquitto.subscribe(["-t", "$share/g/jobs"])];
    await mosquitto.publish(["-t", "jobs", "-l"], Array.from({ length: 10 }, (_, i) => `job ${i}\n`).join(""));
    const shares = await Promise.all(members.map((member) => member.lines.take(5)));
    expect(shares.flat().sort()).toEqual(Array.from({ length: 10 }, (_, i) => `job ${i}`));
  });

  it("are refused with the reason", async (context) => {
    const broker = await startBroker({ authenticator: { authenticate: () => ({ allowed: false, reasonCode: 0x86 }) } });
    for (const [version, reason] of [
      ["mqttv311", "bad user name or password"],
      ["mqttv5", "bad user name or password"],
    ] as const) {
      const { exitCode, stderr } = await new Mosquitto(context, broker, ["-V", version]).tryToPublish(["-t", "a", "-m", "b"]);
      expect({ isRefused: exitCode !== 0, stderr: stderr.toLowerCase() }).toEqual({
        isRefused: true,
        stderr: expect.stringContaining(reason),
      });
    }
  });
});

it.for(["mqttv311", "mqttv5"])("mosquitto_rr asks and is answered, with %s", async (version, context) => {
  const broker = await startBroker();
  const answerer = await MqttJs.connect(urlOf(broker), { protocolVersion: 5, clientId: "answerer" });
  await answerer.subscribe("sum", 1);
  const request = new Mosquitto(context, broker, ["-V", version]).request(["-t", "sum", "-e", "sum/answer", "-m", "2 3", "-W", "30"]);
  const { payload, properties } = await answerer.messages.next();
  const { responseTopic = "sum/answer", correlationData } = properties ?? {};
  expect(responseTopic).toBe("sum/answer");
  const [a = 0, b = 0] = payload.toString().split(" ").map(Number);
  await answerer.publish(responseTopic, `${a + b}`, { qos: 1, ...(correlationData && { properties: { correlationData } }) });
  expect(await request).toBe("5\n");
});
