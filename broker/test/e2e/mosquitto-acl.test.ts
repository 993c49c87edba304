import { expect, it } from "vitest";
import { type AckPacket, PacketType } from "../../src/codec/packet.js";
import { covers } from "../../src/topics/filter-cover.js";
import { startBroker } from "../support/start-broker.js";
import { startMosquitto } from "../support/start-mosquitto.js";
import { TestClient } from "../support/test-client.js";
import { publishPacket, subscribePacket } from "../support/test-client-packets.js";
import { requireTool } from "../support/tools.js";
import { writtenFile } from "../support/written-file.js";

const ACL = `# for anonymous clients
topic read public/#
topic write inbox
topic deny public/closed

user alice
topic own/alice/#
topic secret/#
topic deny secret/plans/#
topic read spaced out
topic lit/%c/x
topic write $other/#

user bob smith
topic readwrite #
topic deny secret/#

user writer
topic readwrite #
topic readwrite $other/#

user alice
topic write late
pattern readwrite dev/%c/#
pattern write own/%u/x
pattern write mixed-%u-%c/x
pattern deny dev/%c/hidden
pattern read common/+
`;

const CLIENTS: readonly (readonly [userName: string | undefined, clientId: string])[] = [
  [undefined, "lamp"],
  [undefined, "x#y"],
  ["alice", "phone"],
  ["alice", "+"],
  ["bob smith", "a/b"],
  ["carol", "c"],
  ["carol", "$other"],
  ["#", "hash"],
  ["a/b", "slash"],
];

const TOPICS = [
  ...["public", "public/news", "public/closed", "inbox", "own/alice", "own/alice/x", "own/carol/x", "own/a/b/x", "own//x"],
  ...[
    "secret/x",
    "secret/plans/y",
    "spaced out",
    "lit/%c/x",
    "lit/phone/x",
    "late",
    "$other/x",
    "common/a",
    "common/a/b",
    "elsewhere",
    "a//b",
  ],
  ...[
    "dev/lamp/state",
    "dev/phone/hidden",
    "dev/phone/state",
    "dev/a/b/state",
    "dev/c",
    "dev/$other/x",
    "dev/hash/x",
    "mixed-carol-c/x",
    "mixed-a/b-slash/x",
  ],
];

const FILTERS = [
  "#",
  "+/#",
  "public/#",
  "public/+",
  "own/alice/#",
  "secret/#",
  "secret/+",
  "dev/+/state",
  "dev/lamp/+",
  "dev/phone/#",
  "common/#",
  "common/+",
  "$other/#",
];

/** What a client may do, told by what happens when it does it. */
interface Rights {
  readonly writes: readonly string[];
  readonly reads: readonly string[];
}

it("the same file lets the same clients publish and receive as a real mosquitto does", async (context) => {
  const theirs = await startMosquitto(requireTool(context, "mosquitto", "apt-get install mosquitto"), [
    "allow_anonymous true",
    `acl_file ${writtenFile(ACL)}`,
  ]);
  const ours = await startOurs();
  let denied = 0;
  let allowed = 0;
  for (const [userName, clientId] of CLIENTS) {
    const expected = await rightsOf(theirs, userName, clientId);
    const actual = await rightsOf(ours, userName, clientId);
    expect({ userName, clientId, ...actual }).toEqual({ userName, clientId, ...expected });
    allowed += expected.writes.length + expected.reads.length;
    denied += 2 * TOPICS.length - expected.writes.length - expected.reads.length;

    // Mosquitto grants every filter and holds back what may not be read; here only those are granted that nothing would be held back of.
    for (const filter of await grantedOf(ours, userName, clientId)) {
      expect(expected.reads, `${userName} ${clientId} ${filter}`).toEqual(
        expect.arrayContaining(TOPICS.filter((topic) => covers(filter, topic))),
      );
    }
  }
  expect(Math.min(allowed, denied)).toBeGreaterThan(50);
});

async function startOurs(): Promise<number> {
  const { port } = await startBroker({ settings: { aclFile: writtenFile(ACL) } });
  return port;
}

async function rightsOf(port: number, userName: string | undefined, clientId: string): Promise<Rights> {
  const client = await connect(port, userName, clientId);
  client.send(...TOPICS.map((topic, index) => publishPacket(topic, { qos: 1, packetId: index + 1 })));
  const acks: AckPacket[] = [];
  for (const _ of TOPICS) acks.push(await client.receive(PacketType.Puback));
  const writes = TOPICS.filter((_, index) => acks.find(({ packetId }) => packetId === index + 1)!.reasonCode < 0x80);

  client.send(...TOPICS.map((topic, index) => subscribePacket([topic], index + 1)));
  for (const _ of TOPICS) await client.receive(PacketType.Suback);
  const writer = await connect(port, "writer", "writer");
  writer.send(...TOPICS.map((topic, index) => publishPacket(topic, { qos: 1, packetId: index + 1 })));
  for (const _ of TOPICS) expect((await writer.receive(PacketType.Puback)).reasonCode).toBeLessThan(0x80);
  writer.destroy();

  client.send({ type: PacketType.Pingreq });
  const reads: string[] = [];
  for (let packet = await client.receive(); packet.type !== PacketType.Pingresp; packet = await client.receive()) {
    if (packet.type === PacketType.Publish) reads.push(packet.topic);
  }
  client.destroy();
  await client.closed;
  return { writes, reads: TOPICS.filter((topic) => reads.includes(topic)) };
}

async function grantedOf(port: number, userName: string | undefined, clientId: string): Promise<string[]> {
  const client = await connect(port, userName, clientId);
  const { reasonCodes } = await client.subscribe(FILTERS);
  return FILTERS.filter((_, index) => reasonCodes[index]! < 0x80);
}

function connect(port: number, userName: string | undefined, clientId: string): Promise<TestClient> {
  return TestClient.connect(port, { clientId, ...(userName !== undefined && { userName }) });
}
