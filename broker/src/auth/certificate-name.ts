import type { PeerCertificate } from "../transport/socket.js";

/** Where in a certificate a name is: the subject's common name, or the first alternative name of a kind. */
export type CertificateName = "common-name" | "dns" | "email" | "uri";

/** How Node and Bun begin alternative names of each kind. */
const KINDS = { dns: "DNS", email: "email", uri: "URI" } as const;

/** `DNS:a.example`, or with the value as a JSON string where it has a character that would confuse. */
const ALTERNATIVE_NAME = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;

/** The name in a certificate, undefined if there is none that can be a user name: empty, or with control characters. */
export function certificateName({ commonName, subjectAltNames }: PeerCertificate, where: CertificateName): string | undefined {
  const name = where === "common-name" ? commonName : firstAlternative(subjectAltNames, KINDS[where]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return name === undefined || name === "" || /[\0-\x1f\x7f]/.test(name) ? undefined : name;
}

/** Undefined also if the list cannot be read to its end: what cannot be understood proves nothing. */
function firstAlternative(text: string, kind: string): string | undefined {
  let found: string | undefined;
  for (let at = 0; at < text.length; at = ALTERNATIVE_NAME.lastIndex) {
    ALTERNATIVE_NAME.lastIndex = at;
    const [, ofKind, value = ""] = ALTERNATIVE_NAME.exec(text) ?? [];
    if (ofKind === undefined) return undefined;
    if (ofKind === kind) found ??= value.startsWith('"') ? unquoted(value) : value;
  }
  return found;
}

function unquoted(json: string): string | undefined {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
