/**
 * Bytes as the tables write them: hex pairs, 'quoted' ASCII, `|` between fields where it helps the eye, and a comment
 * from `;` to the end of the line.
 */
export function bytesOf(text: string): Uint8Array {
  const tokens = text.replace(/;.*$/gm, "").match(/'[^']*'|[^\s|]+/g) ?? [];
  return Uint8Array.from(tokens.flatMap((token) => (token.startsWith("'") ? ascii(token.slice(1, -1)) : byte(token))));
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex").replace(/../g, "$& ").trimEnd();
}

/** The packet with the remaining length that its body really has. */
export function frameOf(firstByte: number, body: Uint8Array | readonly number[]): Uint8Array {
  return Uint8Array.from([firstByte, ...varintOf(body.length), ...body]);
}

export function varintOf(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const more = rest >= 0x80;
    bytes.push((rest & 0x7f) | (more ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

function byte(token: string): number {
  if (!/^[0-9a-f]{2}$/.test(token)) throw new Error(`'${token}' is not a byte`);
  return Number.parseInt(token, 16);
}
