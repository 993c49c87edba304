/* tsx broker/bench/aedes-broker.ts --port 1883 [--tls-port 8883 --tls-cert-file FILE --tls-key-file FILE]: aedes as its documentation starts it. */
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { parseArgs } from "node:util";
import { Aedes } from "aedes";

const BACKLOG = 4096;

const { values } = parseArgs({
  options: {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "1883" },
    "tls-port": { type: "string" },
    "tls-cert-file": { type: "string" },
    "tls-key-file": { type: "string" },
  },
});
const aedes = await Aedes.createBroker();
createServer({ noDelay: true }, aedes.handle).listen({ host: values.host, port: Number(values.port), backlog: BACKLOG });
if (values["tls-port"] !== undefined) {
  const server = createTlsServer(
    { cert: readFileSync(values["tls-cert-file"]!), key: readFileSync(values["tls-key-file"]!) },
    aedes.handle,
  );
  server.listen({ host: values.host, port: Number(values["tls-port"]), backlog: BACKLOG });
}
