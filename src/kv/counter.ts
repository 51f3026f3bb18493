import type { Bytes } from './operation.ts';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const DIGITS_MAX = 20;

/** A counter is kept as its decimal digits, so that `get` prints it. null for anything but canonical digits. */
export function parseCounter(value: Bytes): bigint | null {
  if (value.length === 0 || value.length > DIGITS_MAX) return null;
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
  // One number, one spelling: no plus sign, no leading zeros, no minus zero.
  if (!/^(?:0|-?[1-9][0-9]*)$/.test(text)) return null;
  const counter = BigInt(text);
  return fits(counter) ? counter : null;
}

export function printCounter(counter: bigint): Bytes {
  return Buffer.from(counter.toString(), 'latin1');
}

export function fits(counter: bigint): boolean {
  return counter >= INT64_MIN && counter <= INT64_MAX;
}
