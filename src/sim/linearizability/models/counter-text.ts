/** Counters are signed 64-bit and stand there as their decimal digits, one spelling each (SPEC 2). */
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const SPELLING = /^(?:0|-?[1-9][0-9]{0,18})$/u;

/** null for what no increment leaves behind. */
export function counterOf(text: string): bigint | null {
  if (!SPELLING.test(text)) return null;
  const value = BigInt(text);
  return fitsCounter(value) ? value : null;
}

export function fitsCounter(value: bigint): boolean {
  return value >= INT64_MIN && value <= INT64_MAX;
}
