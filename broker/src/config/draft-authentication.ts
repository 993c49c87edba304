import { type ReadAuthentication, readAuthentication } from "./authentication-files.js";
import type { AuthenticationEntry } from "./authentication-schema.js";
import type { AuthenticatorConfig } from "./config.js";
import type { ListenerDraft } from "./listener-drafts.js";
import type { Finding } from "./listener-rules.js";
import type { Omitted } from "./parse-settings.js";
import type { ReadFile } from "./pem-files.js";
import type { Settings } from "./settings-schema.js";
import type { Sources } from "./sources.js";
import { merged, valueAt } from "./sources.js";

/** Authentication of listeners: their own, or that of all the others together. */
export class DraftAuthentication {
  /** What is wrong with the entries that belong to no listener in particular. */
  readonly findings: readonly Finding[];
  readonly #shared: ReadAuthentication;
  readonly #entries: readonly AuthenticationEntry[];
  readonly #isKnown: boolean;
  readonly #readFile: ReadFile;

  constructor(settings: Settings, { sources, left, readFile }: { sources: Sources; left: Omitted; readFile: ReadFile }) {
    const { passwordFile, authentication } = settings;
    this.#readFile = readFile;
    this.#isKnown = !left.has(["authentication"]) && !left.has(["passwordFile"]);
    this.#entries = authentication ?? (passwordFile === undefined ? [] : [{ type: "password-file", file: passwordFile }]);
    this.#shared = readAuthentication(
      this.#entries,
      (index, field) => (authentication ? ["authentication", String(index), field] : ["passwordFile"]),
      readFile,
    );
    const isGivenTwice = valueAt(merged(sources), ["authentication"]) !== undefined && passwordFile !== undefined;
    const why = 'authentication replaces it: leave it out, or add {"type": "password-file"} with this file to authentication';
    this.findings = [...(isGivenTwice ? [{ path: ["passwordFile"], why }] : []), ...this.#shared.findings];
  }

  /** Undefined where it was said in a way that cannot be read, so that nothing follows from it. */
  entriesOf({ settings }: ListenerDraft): readonly AuthenticationEntry[] | undefined {
    return settings.authentication ?? (this.#isKnown ? this.#entries : undefined);
  }

  /** With the listener's own files read. */
  read({ settings, placeOf }: ListenerDraft): { authentication: readonly AuthenticatorConfig[]; findings: readonly Finding[] } {
    if (settings.authentication === undefined) return { authentication: this.#shared.authentication, findings: [] };
    return readAuthentication(
      settings.authentication,
      (index, field) => [...placeOf("authentication"), String(index), field],
      this.#readFile,
    );
  }
}
