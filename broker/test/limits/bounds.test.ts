import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { SETTING_PLACES } from "../../src/config/setting-places.js";
import { Counters, DropCause } from "../../src/sys/counters.js";
import { BOUNDS } from "./bounds.js";

const SETTINGS = SETTING_PLACES.map(({ path }) => path.join("."));
const source = (file: string) => readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), "utf8");

describe("the list of what clients can make grow", () => {
  it.each(BOUNDS.map((bound) => [bound.what, bound] as const))("tells the truth about %s", (_, { by, counter, test: [file, title] }) => {
    if ("setting" in by) expect(SETTINGS).toContain(by.setting);
    if (typeof counter === "string") expect(Object.keys({ ...new Counters() })).toContain(counter);
    else if ("dropped" in counter) expect(Object.keys(DropCause)).toContain(counter.dropped);
    expect(source(file)).toContain(title);
  });

  it("names every setting that bounds something", () => {
    const bounding = SETTINGS.filter((setting) => /^mqtt\.max/.test(setting));
    // Not what grows: what the protocol offers; and the other half of a row.
    const others = ["mqtt.maxQos", "mqtt.maxByteRate", "mqtt.maxKeepAliveSeconds", "mqtt.maxSessionExpirySeconds"];
    const named = BOUNDS.flatMap(({ by }) => ("setting" in by ? [by.setting] : []));
    expect(bounding.filter((setting) => !named.includes(setting))).toEqual(others);
  });
});
