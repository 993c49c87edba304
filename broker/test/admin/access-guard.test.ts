import { describe, expect, it } from "vitest";
import { AccessGuard } from "../../src/admin/access-guard.js";

const request = { headers: {}, socket: { remoteAddress: "10.0.0.9" } } as never;

function guard(isLoopback: boolean) {
  return new AccessGuard({ host: isLoopback ? "127.0.0.1" : "0.0.0.0", port: 0, isLoopback, tokens: undefined, allowedHosts: [] });
}

describe("an admin port without tokens", () => {
  it("lets anyone do everything on the loopback", () => {
    expect(guard(true).identify(request)).toEqual({ name: "anyone", scope: "admin", address: "10.0.0.9" });
  });

  it("lets nobody do anything where other machines reach it", () => {
    expect(() => guard(false).identify(request)).toThrow(expect.objectContaining({ status: 401 }));
  });
});
