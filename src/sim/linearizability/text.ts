/** Keys and values as strings of one character a byte: they compare, sort and make map keys as bytes would. */
import type { Bytes } from '../../kv/operation.ts';

export function bytesText(bytes: Bytes): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** [from, to) of a sorted list of keys: those in the range. `end` as in KeyRange: null one key, empty to the last. */
export function keysInRange(sorted: readonly string[], start: string, end: string | null): [number, number] {
  const from = lowerBound(sorted, start);
  if (end === null) return [from, sorted[from] === start ? from + 1 : from];
  return [from, Math.max(from, end === '' ? sorted.length : lowerBound(sorted, end))];
}

/** The place of the first key that is not smaller. */
export function lowerBound(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
