import { describe, expect, it } from "vitest";
import { ScenarioError } from "../../lib/errors";
import { benchArguments, checkScenario, podsOf, type Scenario } from "../../lib/load-test/scenario";

const TARGET = { host: "mqttd.mqtt.svc", port: 1883 };
const MILLION: Scenario = { name: "million", command: "conn", clients: 1_000_000 };

describe("a scenario", () => {
  it("has 50,000 clients on each pod unless told otherwise", () => {
    expect(podsOf(MILLION)).toBe(20);
    expect(podsOf({ ...MILLION, clientsPerPod: 30_000 })).toBe(34);
    expect(podsOf({ ...MILLION, clients: 1 })).toBe(1);
  });

  it("is one command line of mqttd bench", () => {
    expect(benchArguments(MILLION, TARGET).join(" ")).toBe(
      "bench conn -h mqttd.mqtt.svc -p 1883 -c 1000000 -R 10000 --prefix million -V 5 -k 300 --duration 600",
    );
  });

  it("is the same command line with a share on each pod", () => {
    expect(benchArguments(MILLION, TARGET, "3/20")).toEqual([...benchArguments(MILLION, TARGET), "--share", "3/20"]);
  });

  it("turns the rate of all publishers into the time between two messages of one", () => {
    const scenario: Scenario = {
      name: "a",
      command: "pub",
      clients: 10_000,
      publishRate: 20_000,
      topic: "load/%i",
      qos: 1,
      payloadBytes: 64,
    };
    expect(benchArguments(scenario, TARGET).join(" ")).toContain("-t load/%i -q 1 -I 500 -s 64");
  });

  it("carries every other setting", () => {
    const scenario: Scenario = {
      name: "all",
      command: "sub",
      clients: 10,
      connectRate: 5,
      durationSeconds: 60,
      mqttVersion: 4,
      keepAliveSeconds: 30,
      cleanStart: false,
      sessionExpirySeconds: 3_600,
      tls: true,
      webSocket: true,
      topic: "t",
      qos: 2,
      measured: true,
    };
    expect(benchArguments(checkScenario(scenario), TARGET).slice(6).join(" ")).toBe(
      "-c 10 -R 5 --prefix all -V 4 -k 30 --duration 60 -C false -x 3600 -S --ws -t t -q 2 --payload-hdrs cnt64,ts",
    );
  });
});

describe("checkScenario()", () => {
  it.each<[unknown, string]>([
    [null, "is null; write an object"],
    [[], "is []; write an object"],
    [{ ...MILLION, client: 3 }, "'client' is not known; there are name, command, clients"],
    [{ ...MILLION, name: "A b" }, "'name' is \"A b\"; write 1 to 40 small letters"],
    [{ ...MILLION, command: "both" }, "'command' is \"both\"; write conn, sub or pub"],
    [{ ...MILLION, clients: 0 }, "'clients' is 0; write a whole number from 1 to 100000000"],
    [{ name: "x", command: "conn" }, "'clients' is undefined"],
    [{ ...MILLION, clients: "many" }, "'clients' is \"many\""],
    [{ ...MILLION, clientsPerPod: 65_000 }, "'clientsPerPod' is 65000; write a whole number from 1 to 64000"],
    [{ ...MILLION, command: "pub" }, "'topic' is missing; pub needs one"],
    [{ ...MILLION, topic: "t" }, "'topic' is of no use to conn"],
    [{ ...MILLION, command: "sub", topic: "t", publishRate: 5 }, "'publishRate' is of no use to sub"],
    [{ ...MILLION, command: "pub", topic: "t", payloadBytes: 8, measured: true }, "'payloadBytes' is 8; write a whole number from 16"],
    [{ ...MILLION, tls: "yes" }, "'tls' is \"yes\"; write true or false"],
  ])("refuses %j", (value, words) => {
    expect(() => checkScenario(value)).toThrow(ScenarioError);
    expect(() => checkScenario(value)).toThrow(words);
  });

  it("says all that is wrong at once", () => {
    expect(() => checkScenario({ name: "", command: "x", clients: -1 })).toThrow(/'name'.*'command'.*'clients'/s);
  });
});
