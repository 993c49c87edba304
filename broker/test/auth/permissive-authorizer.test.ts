import { PermissiveAuthorizer } from "../../src/auth/permissive-authorizer.js";
import { describeAuthorizer } from "./authorizer.suite.js";

const client = { clientId: "client", userName: undefined };

describeAuthorizer("PermissiveAuthorizer", () => new PermissiveAuthorizer(), {
  mayPublish: [
    { client, topic: "a" },
    { client, topic: "$SYS/x", qos: 2, retain: true },
  ],
  mayNotPublish: [],
  maySubscribe: [
    { client, filter: "#" },
    { client, filter: "$SYS/#", qos: 2 },
  ],
  mayNotSubscribe: [],
});
