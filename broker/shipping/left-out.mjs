/*
 * Stands in the bundle for packages that are asked for where a module is loaded, by code that the broker never runs: worker threads of
 * pino's transports, traces beside prom-client's own metrics, quantiles of its summaries, of which there are none, and the client library's own benchmark of NATS.
 */
export default function leftOut() {
  throw new Error("this package is left out of the bundle: see broker/shipping/left-out.mjs");
}
