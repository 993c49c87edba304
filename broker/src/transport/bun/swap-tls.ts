import type { TlsOptions } from "../listener.js";
import type { BunListener } from "./bun-api.js";

/** What of Bun's `node:tls` is used here: a server that takes its listener from `_handle`, and sets the listener's context. */
interface TlsModule {
  createServer(options: object): { setSecureContext(options: object): void };
}

/**
 * Makes another certificate, and the other TLS settings, ready for a listener that goes on listening.
 *
 * `Bun.listen` has no call for it, but Bun 1.4.5's `node:tls` changes the context of its own listener, which is one of `Bun.listen`'s, so
 * a server that listens nowhere is lent ours. Listening anew would refuse the connections that the kernel has completed meanwhile; TLS by
 * `upgradeTLS` on plain sockets, the other way to change it, takes 5.9 KiB a connection in the place of 5.2 (2,500 connections).
 */
export async function tlsSwapping(): Promise<(listener: BunListener) => (tls: TlsOptions) => () => void> {
  // Not a literal: on Node nothing is to be loaded for it.
  const name: string = "node:tls";
  const { createServer } = (await import(name)) as TlsModule;
  return (listener) => (tls) => {
    const options = contextOptions(tls);
    const server = createServer(options);
    let lent: BunListener | undefined;
    let isAsked = false;
    Object.defineProperty(server, "_handle", {
      get() {
        isAsked = true;
        return lent;
      },
    });
    server.setSecureContext(options);
    if (!isAsked) throw new Error("this version of Bun cannot change the certificate of a listener; restart the broker for it");
    return () => {
      lent = listener;
      server.setSecureContext(options);
      lent = undefined;
    };
  };
}

function contextOptions({ cert, key, ca, ciphers, minVersion, clientCertificate }: TlsOptions): object {
  return {
    cert,
    key,
    minVersion,
    ...(ca !== undefined && { ca }),
    ...(ciphers !== undefined && { ciphers }),
    requestCert: clientCertificate !== "none",
    rejectUnauthorized: clientCertificate === "require",
  };
}
