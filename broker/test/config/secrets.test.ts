import { expect, it } from "vitest";
import { withoutSecrets } from "../../src/config/secrets.js";

it("withoutSecrets() leaves out what a URL carries before its host, at any depth, and nothing else", () => {
  const written = { url: "https://user:pass@host.example/x", list: ["a@b", { deep: "mqtt://token@h", n: 1, off: null }], on: true };
  expect(withoutSecrets(written)).toEqual({
    url: "https://***@host.example/x",
    list: ["a@b", { deep: "mqtt://***@h", n: 1, off: null }],
    on: true,
  });
});
