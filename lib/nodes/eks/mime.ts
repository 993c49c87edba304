/** One part of a multipart user data document. */
export interface MimePart {
  readonly contentType: string;
  readonly body: string;
}

/** A line that occurs in no part we write; cloud-init and nodeadm both split on it. */
const BOUNDARY = "==cdktf-broker-pools==";

/**
 * A MIME multipart document (RFC 2046) of 7-bit text parts, as cloud-init, nodeadm and the merge of managed node groups read it.
 * Parts stand as they are, without a transfer encoding: only cloud-init is known to undo one.
 *
 * @throws RangeError when a part contains the boundary or is not plain ASCII
 */
export function mimeMultipart(parts: readonly MimePart[]): string {
  const encoded = parts.map(({ contentType, body }) => {
    if (body.includes(BOUNDARY)) throw new RangeError(`user data must not contain the line '${BOUNDARY}'`);
    const foreign = /[^\t\n\x20-\x7e]/.exec(body)?.[0];
    if (foreign !== undefined) {
      throw new RangeError(
        `user data must be ASCII text; it contains ${JSON.stringify(foreign)} (U+${foreign.codePointAt(0)?.toString(16)})`,
      );
    }
    return `--${BOUNDARY}\nContent-Type: ${contentType}; charset="us-ascii"\nMIME-Version: 1.0\nContent-Transfer-Encoding: 7bit\n\n${body.trimEnd()}\n`;
  });
  return `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="${BOUNDARY}"\n\n${encoded.join("\n")}\n--${BOUNDARY}--\n`;
}
