import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { keyBytes, keyText } from '../../../src/client/keys.ts';

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

test.each([
  [bytes(0x63, 0x61, 0x66), 'caf'],
  [bytes(0x63, 0xc3, 0xa9), 'cé'],
  [bytes(0xef, 0xbb, 0xbf), '\ufeff'],
  [bytes(0xf0, 0x9f, 0xa6, 0x89), '🦉'],
  [bytes(0x63, 0xe9), 'c\udce9'],
  [bytes(0xc3), '\udcc3'],
  [bytes(0xc0, 0x80), '\udcc0\udc80'],
  [bytes(0xed, 0xa0, 0x80), '\udced\udca0\udc80'],
  [bytes(0xe2, 0x82, 0x61), '\udce2\udc82a'],
])('the key %o is the text %j, and back', (key, text) => {
  expect(keyText(key)).toBe(text);
  expect(keyBytes(text, undefined)).toEqual(key);
});

test('whatever the bytes of a key are, its text addresses it again', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (key) => {
      expect(keyBytes(keyText(key), undefined)).toEqual(key);
    }),
    { numRuns: 2_000 },
  );
});

test('every well-formed text is its UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (text) => {
      expect(keyBytes(text, undefined)).toEqual(new TextEncoder().encode(text));
    }),
  );
});

test('a lone surrogate that stands for no byte is refused, not replaced', () => {
  expect(() => keyBytes('a\ud800', undefined)).toThrow(/U\+D800/);
});

test('bytes of the caller are copied: what it does with them later changes nothing', () => {
  const mine = bytes(1, 2);
  const key = keyBytes(mine, undefined);
  mine[0] = 9;
  expect(key).toEqual(bytes(1, 2));
});
