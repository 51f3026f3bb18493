/**
 * Keys are bytes; in memory a key is the string of its bytes (Latin-1), because a JavaScript Map compares strings by
 * value and strings compare by code unit, which here is byte order. A key that is not UTF-8 works like any other.
 */
export function keyText(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}

export function keyBytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}
