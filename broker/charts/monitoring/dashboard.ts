import { type Panel, ROWS } from "./panels.js";

/** Brokers that the dashboard's variables choose. */
const CHOSEN = 'job=~"$job",instance=~"$instance"';
/** Grafana's grid is so wide. */
const WIDTH = 24;
const HEIGHTS = { stat: 4, timeseries: 8 } as const;

const DATASOURCE = { type: "prometheus", uid: "${datasource}" };

/** The dashboard in Grafana's form (schema 39, Grafana 10 and newer). */
export function dashboard(): object {
  const panels: object[] = [];
  let y = 0;
  for (const row of ROWS) {
    panels.push({
      type: "row",
      title: row.title,
      collapsed: false,
      gridPos: { h: 1, w: WIDTH, x: 0, y },
      id: panels.length + 1,
      panels: [],
    });
    y++;
    const w = WIDTH / row.panels.length;
    const h = HEIGHTS[row.panels[0]!.kind];
    for (const [index, panel] of row.panels.entries()) panels.push(panelOf(panel, { h, w, x: index * w, y }, panels.length + 1));
    y += h;
  }
  return {
    uid: "mqttd",
    title: "MQTT broker (mqttd)",
    tags: ["mqtt", "mqttd"],
    schemaVersion: 39,
    editable: true,
    refresh: "30s",
    time: { from: "now-1h", to: "now" },
    templating: {
      list: [
        { name: "datasource", type: "datasource", query: "prometheus", label: "Prometheus" },
        variable("job", "label_values(mqttd_build_info, job)"),
        variable("instance", 'label_values(mqttd_build_info{job=~"$job"}, instance)'),
      ],
    },
    panels,
  };
}

function panelOf({ title, kind, unit, queries, description }: Panel, gridPos: object, id: number): object {
  return {
    id,
    type: kind,
    title,
    ...(description !== undefined && { description }),
    datasource: DATASOURCE,
    gridPos,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: queries.map(([expr, legendFormat], index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATASOURCE,
      expr: expr.replaceAll("$on", CHOSEN),
      legendFormat,
    })),
  };
}

function variable(name: string, query: string): object {
  return {
    name,
    type: "query",
    datasource: DATASOURCE,
    query: { query, refId: name },
    refresh: 2,
    multi: true,
    includeAll: true,
    allValue: ".+",
    current: { text: "All", value: "$__all" },
  };
}
