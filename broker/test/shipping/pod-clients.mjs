/*
 * Clients inside a pod's network: `node pod-clients.mjs PORT COUNT`. Prints `connected` when all have their CONNACK, and when all have been
 * closed, as JSON, how many were told by DISCONNECT 0x8B that the server shuts down.
 */
import { connect } from "node:net";

const [port, count] = process.argv.slice(2).map(Number);
const AT_A_TIME = 200;
const SHUTTING_DOWN = 0x8b;

let opened = 0;
let connected = 0;
let closed = 0;
let told = 0;

function open() {
  const id = Buffer.from(`client-${opened++}`);
  const rest = Buffer.concat([Buffer.from([0, 4]), Buffer.from("MQTT"), Buffer.from([5, 2, 0, 0, 0, 0, id.length]), id]);
  const socket = connect(port, "127.0.0.1", () => socket.write(Buffer.concat([Buffer.from([0x10, rest.length]), rest])));
  let isConnected = false;
  socket.on("data", (bytes) => {
    if (isConnected) {
      if (bytes[0] === 0xe0 && bytes[2] === SHUTTING_DOWN) told++;
      return;
    }
    isConnected = true;
    if (bytes[0] !== 0x20 || bytes[3] !== 0) throw new Error(`refused: ${bytes.toString("hex")}`);
    if (++connected === count) console.log("connected");
    if (opened < count) open();
  });
  socket.on("close", () => {
    if (++closed === count) console.log(JSON.stringify({ closed, told }));
  });
}

for (let index = 0; index < Math.min(AT_A_TIME, count); index++) open();
