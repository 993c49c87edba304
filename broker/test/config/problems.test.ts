import { describe, expect, it } from "vitest";
import { ConfigError } from "../../src/config/config-error.js";
import { loadConfig } from "../../src/config/load-config.js";
import { problemsOf, sources } from "./problems-of.js";

describe("wrong settings", () => {
  it("are told all at once, from every source, each with setting, value, remedy and place", () => {
    const given = {
      file: "port: high\nmqtt: {maxqos: 1}\nlog: loud\n",
      env: { MQTTD_WS_PORT: "70000", MQTTD_PROT: "1" },
      flags: { "--sys-interval-seconds": "-1", "--host": "0.0.0.0" },
    };
    expect(problemsOf(given)).toEqual([
      'port is "high"; it takes a port from 0 (any free one) to 65535 (mend it in mqttd.yaml)',
      "wsPort is 70000; it takes a port from 0 (any free one) to 65535, or off (mend MQTTD_WS_PORT in the environment)",
      "mqtt.maxqos is no setting; did you mean mqtt.maxQos? (mend it in mqttd.yaml)",
      "sysIntervalSeconds is -1; it takes a whole number from 0 to 86400 (mend --sys-interval-seconds on the command line)",
      'log is "loud"; it takes a section of settings: {level, format} (mend it in mqttd.yaml)',
      'allowAnonymous is not set; host "0.0.0.0" can be reached from other machines, and there is no authentication: set passwordFile or ' +
        "authentication, make it true to let anyone connect, or listen on 127.0.0.1 (set --allow-anonymous, MQTTD_ALLOW_ANONYMOUS in the environment, or allowAnonymous in mqttd.yaml)",
      "MQTTD_PROT is no setting; did you mean MQTTD_PORT? (unset or rename it in the environment)",
    ]);
  });

  it("are one error whose message lists them", () => {
    expect(() => loadConfig(sources({ env: { MQTTD_PORT: "x", MQTTD_BACKLOG: "0" } }))).toThrow(ConfigError);
    expect(() => loadConfig(sources({ env: { MQTTD_PORT: "x", MQTTD_BACKLOG: "0" } }))).toThrow(
      /^2 settings are wrong:\n {2}- port .*\n {2}- backlog /,
    );
    expect(() => loadConfig(sources({ env: { MQTTD_PORT: "x" } }))).toThrow(/^1 setting is wrong:/);
  });

  it.each([
    ["a name in another section", "maxQos: 1", "maxQos is no setting; did you mean mqtt.maxQos?"],
    ["a slip", "mqtt: {recieveMaximum: 1}", "mqtt.recieveMaximum is no setting; did you mean mqtt.receiveMaximum?"],
    ["a name that is like none", "log: {colour: true}", "log.colour is no setting; the settings here are level, format"],
    ["a name of JavaScript's own", "constructor: 1", "constructor is no setting; the settings here are host, "],
    ["a prototype", "__proto__: {port: 1}", "__proto__ is no setting; the settings here are host, "],
    ["a list instead of a section", "mqtt: []", "mqtt is []; it takes a section of settings: {maxPacketBytes, "],
    ["no tree at all", "1883", "the configuration is 1883; it takes a section of settings: {host, "],
  ])("%s is told", (_, file, problem) => {
    const problems = problemsOf({ file });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it("a variable whose section is missing is told the whole name", () => {
    expect(problemsOf({ env: { MQTTD_MAX_QOS: "1" } })[0]).toContain("did you mean MQTTD_MQTT_MAX_QOS?");
    expect(problemsOf({ env: { MQTTD_NONSENSE: "1" } })[0]).toContain("mqttd start --help lists those there are");
  });
});

describe("a configuration file", () => {
  it.each([
    ["is not YAML", "port: 1\nport: 2\n", "Map keys must be unique at line 2, column 1"],
    ["does not end", "listeners: [", "Flow sequence in block collection must be"],
  ])("that %s is told with its line", (_, file, problem) => {
    expect(problemsOf({ file })[0]).toMatch(/^config is "mqttd.yaml"; it is not YAML: .*; mend it$/);
    expect(problemsOf({ file })[0]).toContain(problem);
  });

  it("that is not JSON though it is named so is told", () => {
    expect(problemsOf({ others: { "m.json": "{port: 1}" }, flags: { "--config": "m.json" } })[0]).toMatch(
      /^config is "m.json"; it is not JSON: /,
    );
  });

  it("that is not there is told with the system's reason", () => {
    expect(problemsOf({ flags: { "--config": "nope.yaml" } })).toEqual([
      "config is \"nope.yaml\"; it cannot be read: ENOENT: no such file or directory, open 'nope.yaml'; name a file that the broker may read",
    ]);
  });
});

describe("messages", () => {
  it("do not show the password of a URL", () => {
    expect(problemsOf({ flags: { "--nats": "nats://me:secret@10.0.0.1:4222" } })[0]).toContain(
      'nats.servers is "nats://***@10.0.0.1:4222"',
    );
  });
});
