import type { Authorizer } from "./authorizer.js";

/** Lets every client do everything. */
export class PermissiveAuthorizer implements Authorizer {
  mayPublish(): boolean {
    return true;
  }

  maySubscribe(): boolean {
    return true;
  }
}
