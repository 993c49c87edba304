import { pbkdf2Sync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { closed, connectBytes, connected, each, openSocket, tryConnect } from "./crowd.js";
import { type Attack, eventually, MIB, type Scenario, scaled } from "./scenario.js";

const CLIENTS = 10_000;
const AT_A_TIME = 20;
/** As mosquitto_passwd of Debian 12 writes it. */
const ITERATIONS = 101;
const [BAD_USER_NAME_OR_PASSWORD, SERVER_BUSY] = [0x86, 0x89];

export const wrongPasswords: Scenario = {
  name: "wrong-passwords",
  title: "10,000 clients with wrong passwords, 20 at a time",
  settings(folder) {
    const salt = randomBytes(12);
    const hash = pbkdf2Sync("right", salt, ITERATIONS, 64, "sha512");
    const file = join(folder, "users");
    writeFileSync(file, `someone:$7$${ITERATIONS}$${salt.toString("base64")}$${hash.toString("base64")}\n`);
    const host = "127.0.0.1";
    return {
      listeners: [
        { name: "tcp", host, port: 0, allowAnonymous: true },
        { name: "guarded", host, port: 0, authentication: [{ type: "password-file", file }] },
      ],
    };
  },
  maxGrowthBytes: () => 48 * MIB,
  sparesOthers: true,
  async run(attack: Attack) {
    const { ports, scale, problem } = attack;
    const before = await attack.count();
    await attack.begin();
    const codes = new Map<number | undefined, number>();
    await each(scaled(CLIENTS, scale), AT_A_TIME, async (index) => {
      const socket = openSocket(ports.guarded!);
      await connected(socket);
      const userName = index % 2 === 0 ? "someone" : `nobody-${index}`;
      const code = await tryConnect(socket, connectBytes(`guess-${index}`, { userName, password: Buffer.from(`wrong-${index}`) }));
      codes.set(code, (codes.get(code) ?? 0) + 1);
      socket.destroy();
      await closed(socket);
    });
    const [wrong, busy] = [codes.get(BAD_USER_NAME_OR_PASSWORD) ?? 0, codes.get(SERVER_BUSY) ?? 0];
    if (wrong + busy !== scaled(CLIENTS, scale)) problem(`CONNACKs by reason code: ${JSON.stringify([...codes])}`);
    const { counters } = await eventually(attack, "all are gone", ({ connectionsOpen }) => connectionsOpen === before.connectionsOpen);
    const counted = (name: string) => counters[name]! - before.counters[name]!;
    if (counted("authenticationsFailed") !== wrong) problem(`${wrong} were wrong, counted are ${counted("authenticationsFailed")}`);
    if (counted("authenticationsBusy") !== busy) problem(`${busy} were told to wait, counted are ${counted("authenticationsBusy")}`);
    return `${wrong} told 0x86, ${busy} told 0x89`;
  },
};
