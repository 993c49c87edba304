import { describe, expect, it } from "vitest";
import { EngineUnavailableError, LostRaceError, NoListenerError } from "../../../src/cluster/nats/engine-errors.js";
import { startNatsCluster, startNatsServer } from "../../support/nats-server.js";
import { bytesOf, engineAt, textOf, untilConnected } from "./engine-support.js";

const STREAM = { name: "log", subjects: ["log.*"], storage: "file", replicas: 1 } as const;
const KEYED = {
  name: "keyed",
  subjects: ["keyed.*"],
  storage: "memory",
  replicas: 1,
  maxMessagesPerSubject: 1,
  hasMessageTtl: true,
} as const;

describe("the engine", () => {
  it("stores messages in order, and reads the last one of a subject", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context)]);
    await engine.ensureStreams([STREAM]);
    expect(await engine.lastSequence("log")).toBe(0);
    expect(await engine.lastMessage("log", "log.a")).toBeUndefined();
    expect(await engine.append("log.a", bytesOf("1"))).toEqual({ sequence: 1, isDuplicate: false });
    await engine.append("log.b", bytesOf("2"));
    expect(await engine.append("log.a", bytesOf("\u00fc\u0000"))).toEqual({ sequence: 3, isDuplicate: false });
    const last = await engine.lastMessage("log", "log.a");
    expect(last).toMatchObject({ subject: "log.a", sequence: 3 });
    expect(textOf(last?.bytes)).toBe("\u00fc\u0000");
    expect(await engine.lastSequence("log")).toBe(3);
    expect(engine.counters).toMatchObject({ pending: 0, appends: 3, failures: 0 });
  });

  it("stores by compare-and-set, and says who was first", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context)]);
    await engine.ensureStreams([KEYED]);
    const claim = (expectedLastSubjectSequence: number) => engine.append("keyed.a", bytesOf("x"), { expectedLastSubjectSequence });
    const race = await Promise.allSettled([claim(0), claim(0), claim(0)]);
    expect(race.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    await expect(claim(0)).rejects.toEqual(new LostRaceError("keyed.a", 1));
    expect(await claim(1)).toMatchObject({ sequence: 2 });
    expect(engine.counters.lostRaces).toBe(3);
  });

  it("stores a message with an id once", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context)]);
    await engine.ensureStreams([STREAM]);
    const first = await engine.append("log.a", bytesOf("1"), { messageId: "m1" });
    expect(await engine.append("log.a", bytesOf("1"), { messageId: "m1" })).toEqual({ ...first, isDuplicate: true });
  });

  it("forgets a message after its time to live, and then takes the subject for new", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context)]);
    await engine.ensureStreams([KEYED]);
    await engine.append("keyed.a", bytesOf("1"), { ttlSeconds: 1 });
    while ((await engine.lastMessage("keyed", "keyed.a")) !== undefined);
    expect(await engine.append("keyed.a", bytesOf("2"), { expectedLastSubjectSequence: 0 })).toMatchObject({ sequence: 2 });
  });

  it("removes what came before a message of a subject", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context)]);
    await engine.ensureStreams([STREAM]);
    for (const subject of ["log.a", "log.b", "log.a", "log.a"]) await engine.append(subject, bytesOf(subject));
    await engine.purge("log", "log.a", { beforeSequence: 4 });
    const seen = await read(4);
    expect(seen).toEqual(["2 log.b", "4 log.a"]);
    await engine.purge("log", "log.b");
    expect(await engine.lastMessage("log", "log.b")).toBeUndefined();

    function read(until: number): Promise<string[]> {
      const lines: string[] = [];
      return new Promise((resolve) => {
        const tail = engine.tail("log", {
          onMessage({ subject, sequence }) {
            lines.push(`${sequence} ${subject}`);
            if (sequence === until) void tail.stop().then(() => resolve(lines));
          },
        });
      });
    }
  });

  it("reads a long stream at one go, from any message on", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context)]);
    await engine.ensureStreams([{ ...STREAM, storage: "memory" }]);
    const count = 20_000;
    await Promise.all(Array.from({ length: count }, (_, index) => engine.append("log.a", bytesOf(`${index}`))));
    for (const fromSequence of [1, count / 2]) {
      let next = fromSequence;
      await new Promise<void>((resolve) => {
        const tail = engine.tail("log", {
          fromSequence,
          onMessage({ sequence }) {
            expect(sequence).toBe(next++);
            if (sequence === count) void tail.stop().then(resolve);
          },
        });
      });
    }
  });

  it("keeps at it while a stream is not there", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context)]);
    const troubles: string[] = [];
    const read = new Promise<number>((resolve) => {
      engine.tail("log", {
        onMessage: ({ sequence }) => resolve(sequence),
        onTrouble({ message }) {
          if (troubles.push(message) === 2) void engine.ensureStreams([STREAM]).then(() => engine.append("log.a", bytesOf("1")));
        },
      });
    });
    expect(await read).toBe(1);
    expect(troubles[0]).toContain("stream not found");
  });

  it("answers requests, and tells when nobody would", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context)]);
    const stop = engine.subscribe("inbox.*", (bytes, subject, reply) => reply(bytesOf(`${subject} ${textOf(bytes)}`)));
    expect(textOf(await engine.request("inbox.a", bytesOf("hello"), 1_000))).toBe("inbox.a hello");
    stop();
    await engine.flush();
    await expect(engine.request("inbox.a", bytesOf("hello"), 1_000)).rejects.toEqual(new NoListenerError("inbox.a"));
  });

  it("gives up on who does not answer", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context)]);
    engine.subscribe("inbox.a", () => {});
    const refused = engine.request("inbox.a", bytesOf("hello"), 50);
    await expect(refused).rejects.toMatchObject({ name: "EngineUnavailableError", isOutcomeUnknown: true });
    expect(engine.counters.pending).toBe(0);
  });

  it("publishes at most once", async (context) => {
    const server = await startNatsServer(context);
    const [one, two] = [await engineAt(context, [server]), await engineAt(context, [server])];
    const got = new Promise<string | undefined>((resolve) => two.subscribe("a", (bytes) => resolve(textOf(bytes))));
    await two.flush();
    expect(one.publish("a", bytesOf("hello"))).toBe(true);
    expect(await got).toBe("hello");
  });

  it("hears on after a receiver that throws, and refuses what is too long", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context)]);
    engine.subscribe("inbox.a", (bytes, _, reply) => {
      if (bytes.length === 0) throw new Error("of no use");
      reply(bytes);
    });
    expect(engine.publish("inbox.a", new Uint8Array(0))).toBe(true);
    expect(textOf(await engine.request("inbox.a", bytesOf("1"), 1_000))).toBe("1");
    const tooLong = new Uint8Array(engine.maxPayloadBytes + 1);
    await expect(engine.append("log.a", tooLong)).rejects.toMatchObject({ name: "EngineUnavailableError", isOutcomeUnknown: false });
    expect(() => engine.publish("inbox.a", tooLong)).toThrow("max_payload");
    expect(textOf(await engine.request("inbox.a", bytesOf("2"), 1_000))).toBe("2");
  });

  it("bounds the calls that wait", async (context) => {
    const server = await startNatsServer(context);
    const engine = await engineAt(context, [server], { maxPending: 2 });
    await engine.ensureStreams([STREAM]);
    server.freeze();
    const calls = [1, 2, 3].map(() => engine.append("log.a", bytesOf("x")));
    await expect(calls[2]).rejects.toMatchObject({ message: "2 calls wait for NATS already", isOutcomeUnknown: false });
    expect(engine.counters).toMatchObject({ pending: 2, failures: 1 });
    server.thaw();
    await Promise.all(calls.slice(0, 2));
  });

  it("refuses what no stream takes", async (context) => {
    const engine = await engineAt(context, [await startNatsServer(context)]);
    const refused = engine.append("nowhere", bytesOf("x"), { timeLimitMs: 150 });
    await expect(refused).rejects.toThrow("no stream takes nowhere at the moment");
    await expect(refused).rejects.toBeInstanceOf(EngineUnavailableError);
  });

  it("refuses what a full store has no room for, and goes on when there is", async (context) => {
    const server = await startNatsServer(context, { jetStreamConfig: "max_mem: 64KB" });
    const engine = await engineAt(context, [server]);
    await engine.ensureStreams([{ ...STREAM, storage: "memory" }]);
    const fill = async () => {
      for (;;) await engine.append("log.a", new Uint8Array(10_000));
    };
    await expect(fill()).rejects.toMatchObject({ name: "EngineUnavailableError", isOutcomeUnknown: false });
    await engine.purge("log", "log.a");
    await engine.append("log.a", new Uint8Array(10_000));
  });
});

describe("an engine whose server goes away", () => {
  it("comes back by itself, with what it has subscribed to, and reads on where it was", async (context) => {
    const server = await startNatsServer(context);
    const engine = await engineAt(context, [server], { patienceMs: 30_000 });
    await engine.ensureStreams([STREAM]);
    engine.subscribe("inbox", (_, __, reply) => reply(bytesOf("here")));
    const read: number[] = [];
    let seen = () => {};
    engine.tail("log", {
      onMessage({ sequence }) {
        read.push(sequence);
        seen();
      },
    });
    const reads = (count: number) =>
      new Promise<void>((resolve) => {
        seen = () => read.length >= count && resolve();
        seen();
      });
    await engine.append("log.a", bytesOf("1"));
    await reads(1);

    await server.kill();
    await untilConnected(engine, false);
    const waiting = engine.append("log.a", bytesOf("2")); // patient
    await server.start();
    expect(await waiting).toMatchObject({ sequence: 2 });
    expect(engine.state).toMatchObject({ isConnected: true, server: new URL(server.url).host });
    expect(textOf(await engine.request("inbox", bytesOf("?"), 2_000))).toBe("here");
    await reads(2);
    expect(read).toEqual([1, 2]);
    expect(engine.counters.reconnects).toBe(1);
  });

  it("rejects what is on its way, whose outcome nobody knows", async (context) => {
    const server = await startNatsServer(context);
    const engine = await engineAt(context, [server]);
    await engine.ensureStreams([STREAM]);
    server.freeze();
    const call = engine.append("log.a", bytesOf("1"));
    const [refused] = await Promise.allSettled([call, server.kill()]);
    expect(refused).toMatchObject({ reason: { name: "EngineUnavailableError", isOutcomeUnknown: true } });
  });

  it("rejects at once when it has been away for longer than a moment", async (context) => {
    const server = await startNatsServer(context);
    const engine = await engineAt(context, [server], { patienceMs: 50 });
    await server.kill();
    await untilConnected(engine, false);
    for (const call of [
      engine.append("a", bytesOf("x")),
      engine.lastMessage("a", "a"),
      engine.request("a", bytesOf("x"), 1_000),
      engine.flush(),
    ]) {
      await expect(call).rejects.toMatchObject({ name: "EngineUnavailableError", isOutcomeUnknown: false });
    }
    expect(engine.publish("a", bytesOf("x"))).toBe(false);
    expect(engine.counters.failures).toBe(3);
  });

  it("notices a server that says nothing, with megabytes on their way to it", async (context) => {
    const server = await startNatsServer(context);
    const engine = await engineAt(context, [server], { silentMs: 300 });
    server.freeze();
    for (let count = 0; count < 40; count++) engine.publish("a", new Uint8Array(500_000));
    await untilConnected(engine, false);
    server.thaw();
    await untilConnected(engine, true);
    await engine.flush();
  });

  it("goes to another server when the one it has says nothing", async (context) => {
    const servers = [await startNatsServer(context), await startNatsServer(context)];
    const engine = await engineAt(context, servers, { silentMs: 300, patienceMs: 30_000 });
    const [used, other] = servers.sort(({ url }) => (url.endsWith(engine.state.server) ? -1 : 1));
    used!.freeze();
    for (let count = 0; count < 40; count++) engine.publish("a", new Uint8Array(500_000));
    await untilConnected(engine, false);
    await untilConnected(engine, true);
    expect(other!.url).toContain(engine.state.server);
    await engine.flush();
  });

  it("reads each message once and in order while the server it has dies and comes back, of three", async (context) => {
    const cluster = await startNatsCluster(context);
    const engine = await engineAt(context, cluster, { setupMs: 10_000 });
    await engine.ensureStreams([{ ...STREAM, replicas: 3 }]);
    const read: number[] = [];
    let seen = () => {};
    engine.tail("log", {
      onMessage({ bytes }) {
        read.push(Number(textOf(bytes)));
        seen();
      },
    });
    const reads = (count: number) =>
      new Promise<void>((resolve) => {
        seen = () => read.length >= count && resolve();
        seen();
      });
    let next = 0;
    const appendTen = async () => {
      for (const end = next + 10; next < end; next++) while (!(await appended(next)));
    };
    await appendTen();
    const used = cluster.find(({ url }) => url.endsWith(engine.state.server))!;
    await used.kill();
    await appendTen();
    await reads(next);
    await used.start();
    await appendTen();
    await reads(next);
    expect(read).toEqual(Array.from({ length: next }, (_, index) => index));

    async function appended(value: number): Promise<boolean> {
      await new Promise((resolve) => setImmediate(resolve));
      return engine.append("log.a", bytesOf(`${value}`), { messageId: `${value}` }).then(
        () => true,
        () => false,
      );
    }
  });

  it("can be closed while it is away", async (context) => {
    const server = await startNatsServer(context);
    const engine = await engineAt(context, [server]);
    await server.kill();
    await untilConnected(engine, false);
    const call = engine.append("a", bytesOf("x"));
    await Promise.all([engine.close(), expect(call).rejects.toBeInstanceOf(EngineUnavailableError)]);
  });
});
