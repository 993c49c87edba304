import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "broker/test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // Two cores: one worker a core, and no file waits for a third.
    maxWorkers: 2,
    // Brokers of tests run side by side: those that have an admin port name one.
    env: { MQTTD_ADMIN_PORT: "off" },
  },
});
