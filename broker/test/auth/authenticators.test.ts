import { AllowAnonymous } from "../../src/auth/allow-anonymous.js";
import { DenyAll } from "../../src/auth/deny-all.js";
import { describeAuthenticator } from "./authenticator.suite.js";
import { ODD_REQUESTS } from "./requests.js";

const ANYONE = [{}, ...ODD_REQUESTS.map(([, special]) => special)];

describeAuthenticator("AllowAnonymous", () => new AllowAnonymous(), { admitted: ANYONE, refused: [] });
describeAuthenticator("DenyAll", () => new DenyAll(), { admitted: [], refused: ANYONE });
