import { defineConfig } from "vitest/config";

/** They load the whole machine, or look at what the whole machine holds: each runs by itself, after all others. */
const ALONE = ["broker/test/abuse/**/*.test.ts", "broker/test/bench/million/**/*.test.ts", "broker/test/chaos/**/*.test.ts"];
/** Charts are Helm's work, and those of their tests that run the broker do so on both runtimes. Node's listeners are not what Bun uses. */
const NOT_HERE = process.versions.bun === undefined ? [] : ["broker/test/charts/**", "broker/test/transport/node/**"];

const EACH = {
  testTimeout: 60_000,
  hookTimeout: 180_000,
  // Brokers of tests run side by side: those that have an admin port name one.
  env: { MQTTD_ADMIN_PORT: "off" },
};

export default defineConfig({
  test: {
    globalSetup: ["test/support/global-setup.ts"],
    projects: [
      {
        test: {
          ...EACH,
          name: "together",
          include: ["test/**/*.test.ts", "broker/test/**/*.test.ts"],
          exclude: [...ALONE, ...NOT_HERE],
          // Two cores: one worker a core, and no file waits for a third.
          maxWorkers: 2,
        },
      },
      { test: { ...EACH, name: "alone", include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
