/** Counters are signed 64-bit, kept as their decimal digits so that `get` prints them (SPEC 2). */
import { keyText, textBytes } from './key-text.ts';
import type { Bytes } from './operation.ts';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const DIGITS_MAX = INT64_MIN.toString().length;

/** One number, one spelling: no plus sign, no leading zeros, no minus zero. */
const CANONICAL = /^(?:0|-?[1-9][0-9]*)$/u;

/** null for whatever `printCounter` does not print. */
export function parseCounter(value: Bytes): bigint | null {
  if (value.length > DIGITS_MAX) return null;
  const digits = keyText(value);
  if (!CANONICAL.test(digits)) return null;
  const counter = BigInt(digits);
  return isInt64(counter) ? counter : null;
}

export function printCounter(counter: bigint): Bytes {
  return textBytes(counter.toString());
}

export function isInt64(counter: bigint): boolean {
  return counter >= INT64_MIN && counter <= INT64_MAX;
}
