/** What messages are made of. */
import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';

export const count = fc.maxSafeNat();
export const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
/** Now and then longer than 64 bytes, from where on msgpackr goes another way. */
export const name = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => text.length <= 256);
export const hexId = fc
  .bigInt({ min: 0n, max: 2n ** 128n - 1n })
  .map((id) => id.toString(16).padStart(32, '0'));
export const bytes = fc.uint8Array({ maxLength: 40 });
export const key: Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 1, maxLength: 12 });

export function orNull<T>(arbitrary: Arbitrary<T>): Arbitrary<T | null> {
  return fc.option(arbitrary, { nil: null });
}
