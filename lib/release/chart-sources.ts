/*
 * Charts of others: where their projects say their charts are, and the releases that this library is written for. A mirror of your own goes into
 * the props `repository` and `chartVersion` of the releases.
 */

/** docs.emqx.com, "Deploy EMQX on Kubernetes by Helm". */
export const EMQX_REPOSITORY = "https://repos.emqx.io/charts";

/** The last release under the Apache licence; from 5.9 on more than one node needs a licence (emqx/emqx LICENSE). */
export const EMQX_VERSION = "5.8.9";

/** The newest of the enterprise edition that this was written for. */
export const EMQX_ENTERPRISE_VERSION = "6.2.2";

/** docs.nats.io, "NATS and Kubernetes". */
export const NATS_REPOSITORY = "https://nats-io.github.io/k8s/helm/charts/";

/** A release of the chart with the values used here: `config`, `container`, `podTemplate`, `merge`. */
export const NATS_CHART_VERSION = "1.2.8";

/** The server that the broker's cluster is tested with; it needs 2.11 or newer. */
export const NATS_VERSION = "2.15.2";
