import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Log, type LogOptions, openLog } from "../../src/log.js";

/** What a log has written when `write` returns. */
function written(options: Omit<LogOptions, "fileDescriptor">, write: (log: Log) => void): string {
  const folder = mkdtempSync(join(tmpdir(), "mqttd-log-"));
  const path = join(folder, "log");
  const fileDescriptor = openSync(path, "w");
  onTestFinished(() => {
    closeSync(fileDescriptor);
    rmSync(folder, { recursive: true });
  });
  write(openLog({ ...options, fileDescriptor }));
  return readFileSync(path, "utf8");
}

const lines = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("a log", () => {
  it("writes a line of JSON each, with time, level, fields and message", () => {
    const text = written({ level: "info", format: "json" }, (log) => log.info({ listener: "tcp:default", port: 1883 }, "listening"));
    const [line, ...more] = lines(text);
    expect(more).toEqual([]);
    expect(line).toEqual({ level: "info", time: expect.any(String), listener: "tcp:default", port: 1883, msg: "listening" });
    expect(new Date(String(line?.time)).toISOString()).toBe(line?.time);
  });

  it("writes an error with its message and where it came from", () => {
    const [line] = lines(written({ level: "info", format: "json" }, (log) => log.error({ err: new RangeError("too far") }, "failed")));
    expect(line?.err).toMatchObject({ type: "RangeError", message: "too far", stack: expect.stringContaining("log.test") });
  });

  it("leaves out what weighs less than its level, and says so beforehand", () => {
    const text = written({ level: "warn", format: "json" }, (log) => {
      expect([log.isLevelEnabled("info"), log.isLevelEnabled("warn")]).toEqual([false, true]);
      log.info({}, "no");
      log.warn({}, "yes");
    });
    expect(lines(text).map(({ msg }) => msg)).toEqual(["yes"]);
    expect(written({ level: "silent", format: "json" }, (log) => log.fatal({}, "no"))).toBe("");
  });

  it("gives a child's fields to each of the child's lines", () => {
    const text = written({ level: "info", format: "json" }, (log) => log.child({ clientId: "a" }).info({ n: 1 }, "hello"));
    expect(lines(text)[0]).toMatchObject({ clientId: "a", n: 1 });
  });

  it.each(["json", "pretty"] as const)("never writes a password or a key (%s)", (format) => {
    const text = written({ level: "info", format }, (log) => {
      log.info({ password: "secret-1", connect: { password: "secret-2" } }, "connect");
      log.info({ tls: { key: "secret-3" }, listener: { tls: { key: "secret-4" } } }, "listener");
    });
    expect(text).not.toMatch(/secret-\d/);
    expect(text.match(/Redacted/g)).toHaveLength(4);
  });

  it("is for people when it is pretty, in colour only if asked", () => {
    const write = (log: Log) => log.warn({ port: 1883 }, "taken");
    const plain = written({ level: "info", format: "pretty" }, write);
    expect(plain).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: taken \{"port":1883\}\n$/);
    expect(written({ level: "info", format: "pretty", colour: true }, write)).toContain("\u001b[");
  });

  it("shows people where an error came from, below the line", () => {
    const text = written({ level: "info", format: "pretty" }, (log) =>
      log.error({ err: Object.assign(new RangeError("too far"), { code: "E_FAR" }), port: 1 }, "failed"),
    );
    expect(text).toMatch(
      /ERROR: failed \{"port":1,"err":\{"type":"RangeError","message":"too far","code":"E_FAR"\}\}\n {4}RangeError: too far\n {8}at /,
    );
  });

  it("has written each line before the call returns", () => {
    const text = written({ level: "info", format: "json" }, (log) => {
      for (let n = 0; n < 1_000; n++) log.info({ n }, "line");
    });
    expect(lines(text).map(({ n }) => n)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
  });
});
