import { expect, it } from "vitest";
import { RecordingLog } from "../log/recording-log.js";
import { TestClient } from "../support/test-client.js";
import { writtenFile } from "../support/written-file.js";
import { startAdmin } from "./support.js";

const [READ, ADMIN] = ["read-token-of-a-dashboard", "admin-token-of-an-operator"];

it("tells who has changed what or tried to, from where, and what came of it; nothing of who looks, and no secret", async () => {
  const log = new RecordingLog();
  const tokensFile = writtenFile(`read ${READ} grafana\nadmin ${ADMIN} ops\n`);
  const { get, port } = await startAdmin({ log }, { tokensFile });
  await TestClient.connect(port, { clientId: "c" });
  await get("/api/v1/clients", { token: ADMIN });
  await get("/api/v1/clients/c", { method: "DELETE", token: ADMIN });
  await get("/api/v1/clients/c", { method: "DELETE", token: ADMIN });
  await get("/api/v1/publish", { method: "POST", token: ADMIN, body: { topic: "t", payload: "hush-hush", retain: true } });
  await get("/api/v1/bans", { method: "POST", token: ADMIN, body: { as: "username", who: "mallory", seconds: 60 } });
  await get("/api/v1/clients/c?nothing=1", { method: "DELETE", token: ADMIN });
  await get("/api/v1/clients/c", { method: "DELETE", token: READ });
  const lines = log.lines.filter(({ fields }) => fields.audit === true).map(({ fields }) => fields);
  const by = { audit: true, who: "ops", address: "127.0.0.1" };
  expect(lines).toEqual([
    { ...by, action: "DELETE /api/v1/clients/:clientid", clientid: "c", status: 204 },
    { ...by, action: "DELETE /api/v1/clients/:clientid", clientid: "c", status: 404 },
    { ...by, action: "POST /api/v1/publish", topic: "t", qos: 0, retain: true, status: 200 },
    { ...by, action: "POST /api/v1/bans", as: "username", banned: "mallory", reason: "", seconds: 60, status: 201 },
    { ...by, action: "DELETE /api/v1/clients/:clientid", clientid: "c", status: 400 },
    { ...by, who: "grafana", action: "DELETE /api/v1/clients/:clientid", clientid: "c", status: 403 },
  ]);
  const everything = JSON.stringify(log.lines);
  for (const secret of [READ, ADMIN, "hush-hush"]) expect(everything).not.toContain(secret);
});
