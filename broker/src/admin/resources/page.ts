import { Problem } from "../problem.js";
import { type Route, route } from "../route.js";

/** The dashboard, as the build makes it of src/dashboard. */
export interface PageFiles {
  readonly html: string;
  readonly script: string;
  readonly style: string;
  readonly icon: string;
}

/** Where the page's MQTT client may connect to, at the name that the page was called by. */
export interface PageWebSocket {
  readonly scheme: "ws" | "wss";
  readonly port: number;
}

/** The page itself, for everybody: what it shows, it asks the API for. */
export function pageRoutes(files: PageFiles | undefined, webSockets: () => readonly PageWebSocket[]): readonly Route[] {
  const file = (path: string, contentType: string, text: (files: PageFiles) => string) =>
    route({
      method: "GET",
      path,
      scope: "none",
      summary: "A file of the dashboard",
      handle: ({ host = "" }) => {
        if (files === undefined) throw new Problem(404, "this broker runs from its sources: npm run build makes the dashboard");
        return { contentType, text: text(files), headers: { "Content-Security-Policy": contentSecurityPolicy(host, webSockets()) } };
      },
    });
  return [
    file("/", "text/html; charset=utf-8", ({ html }) => html),
    file("/dashboard.js", "text/javascript; charset=utf-8", ({ script }) => script),
    file("/dashboard.css", "text/css; charset=utf-8", ({ style }) => style),
    file("/dashboard.svg", "image/svg+xml", ({ icon }) => icon),
  ];
}

/** Nothing but what this port serves, and MQTT by the WebSocket listeners. `host` is what the browser calls the port by. */
function contentSecurityPolicy(host: string, webSockets: readonly PageWebSocket[]): string {
  // Sources cannot name an IPv6 address; what is no name does not get in here.
  const name = /^([\w.-]+)(:\d+)?$/.exec(host)?.[1] ?? "*";
  const listeners = webSockets.map(({ scheme, port }) => ` ${scheme}://${name}:${port}`).join("");
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self'${listeners}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
