import { request } from "node:http";
import { expect, onTestFinished } from "vitest";

/** Events of `/api/v1/stream`. */
export interface Stream {
  // biome-ignore lint/suspicious/noExplicitAny: what it is, each test says
  next(): Promise<any>;
}

/** Follows the numbers until the test is over. */
export function follow(port: number): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port, path: "/api/v1/stream" }, (incoming) => {
      expect(incoming.headers["content-type"]).toBe("text/event-stream");
      const parts = incoming.setEncoding("utf8")[Symbol.asyncIterator]();
      let text = "";
      const next = async () => {
        while (!text.includes("\n\n")) {
          const { value, done } = await parts.next();
          if (done) throw new Error("the stream has ended");
          text += value;
        }
        const [event = ""] = text.split("\n\n", 1);
        text = text.slice(event.length + 2);
        const [, json = ""] = /^event: numbers\ndata: (.*)$/.exec(event) ?? [];
        return JSON.parse(json);
      };
      resolve({ next });
    });
    outgoing.on("error", reject);
    outgoing.end();
    onTestFinished(() => void outgoing.destroy());
  });
}
