// helm test: the broker is ready, and answers CONNECT on its listeners. Which answer does not matter: who may connect is its own affair.
const { connect } = require("node:net");
const tls = require("node:tls");

const { READY_URL, MQTT_ADDRESS, MQTTS_ADDRESS, PROXY_PROTOCOL } = process.env;
const WITHIN_MS = 10_000;
// MQTT 3.1.1, clean session, keep alive 10 s, client identifier "helm-test".
const CONNECT = Buffer.from("101500044d5154540402000a000968656c6d2d74657374", "hex");
const CONNACK = 0x20;

const say = (line) => console.log(line);

async function ready() {
  const answer = await fetch(READY_URL, { signal: AbortSignal.timeout(WITHIN_MS) });
  if (!answer.ok) throw new Error(`${READY_URL}: ${answer.status} ${await answer.text()}`);
  say(`${READY_URL}: ready`);
}

function answers(address, encrypted) {
  const [host, port] = address.split(":");
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${address}: ${why}`));
    const raw = connect({ host, port: Number(port) }, () => {
      if (PROXY_PROTOCOL === "true") raw.write("PROXY UNKNOWN\r\n");
      // Whether the certificate can be trusted is for clients to say, which know its authority.
      const socket = encrypted ? tls.connect({ socket: raw, rejectUnauthorized: false }, () => socket.write(CONNECT)) : raw;
      if (!encrypted) socket.write(CONNECT);
      socket.once("error", (error) => fail(error.message));
      socket.once("data", (bytes) => {
        raw.destroy();
        if (bytes[0] !== CONNACK) return fail(`answers ${bytes.toString("hex")}, which is no CONNACK`);
        say(`${address}: answers CONNECT with ${bytes.toString("hex")}`);
        resolve();
      });
    });
    raw.once("error", (error) => fail(error.message));
    raw.once("close", () => fail("closes without an answer"));
    raw.setTimeout(WITHIN_MS, () => fail(`says nothing for ${WITHIN_MS} ms`));
  });
}

const checks = [ready()];
if (MQTT_ADDRESS) checks.push(answers(MQTT_ADDRESS, false));
if (MQTTS_ADDRESS) checks.push(answers(MQTTS_ADDRESS, true));
Promise.all(checks).then(
  () => process.exit(0),
  (error) => {
    console.error(error.message);
    process.exit(1);
  },
);
