const COLUMNS = 16;
const MOST_BYTES = 65_536;

export function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** The text that bytes are, or undefined if they are none. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Rows of 16 bytes: where they begin, in hexadecimal, in ASCII. */
export function hexOf(bytes: Uint8Array): string {
  const rows: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, MOST_BYTES); at += COLUMNS) {
    const row = [...bytes.subarray(at, at + COLUMNS)];
    const digits = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    rows.push(`${at.toString(16).padStart(6, "0")}  ${digits.padEnd(COLUMNS * 3)} ${text}`);
  }
  if (bytes.length > MOST_BYTES) rows.push(`… ${bytes.length - MOST_BYTES} bytes more`);
  return rows.join("\n");
}
