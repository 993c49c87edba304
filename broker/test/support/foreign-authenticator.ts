import type { AuthenticationRequest, Authenticator, Verdict } from "../../src/auth/authenticator.js";
import { Inbox } from "./foreign-inbox.js";

/** Lets everyone in, by the name in the certificate if there is one, and keeps who asked. */
export class RecordingAuthenticator implements Authenticator {
  readonly requests = new Inbox<AuthenticationRequest>("CONNECT");

  authenticate(request: AuthenticationRequest): Verdict {
    this.requests.push({ ...request });
    const userName = request.peer.tls?.certificate?.commonName;
    return { allowed: true, ...(userName !== undefined && { userName }) };
  }
}
