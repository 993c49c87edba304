/** Of bytes, and of what was hashed before them: FNV-1a, in 31 bits, which take no object. */
export function hashOf(bytes: Uint8Array, start: number, end: number, before: number): number {
  let hash = before;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash & 0x7fff_ffff;
}
