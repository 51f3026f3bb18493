/**
 * Keys are bytes; in memory a key is the string of its bytes (Latin-1), because a JavaScript Map compares strings by
 * value and strings compare by code unit, which here is byte order. A key that is not UTF-8 works like any other.
 */
import type { Bytes, KeyRange } from './operation.ts';

/** [start, end) of key texts; `end` null: to the last key. */
export interface TextRange {
  readonly start: string;
  readonly end: string | null;
}

/** No key stands between a key and this: the same text with the lowest byte behind it. */
const LOWEST_BYTE = '\0';

export function keyText(key: Bytes): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}

/** Bytes of their own, not a slice of Buffer's pool: a counter's digits that are kept must not keep 8 KiB. */
export function textBytes(text: string): Bytes {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** The first text behind this one. */
export function after(text: string): string {
  return text + LOWEST_BYTE;
}

/** A single key is the range that holds it and nothing else. */
export function textRange({ start, end }: KeyRange): TextRange {
  const first = keyText(start);
  if (end === null) return { start: first, end: after(first) };
  return { start: first, end: end.length === 0 ? null : keyText(end) };
}

export function inRange(text: string, { start, end }: TextRange): boolean {
  return text >= start && (end === null || text < end);
}
