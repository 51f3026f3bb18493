import { expect, it } from 'vitest';
import { ByteReader } from '../../../src/wire/byte-reader.ts';

it('a reader that has come to the end reads zeros and nothing, even where bytes are left', () => {
  const reader = new ByteReader(Uint8Array.of(7, 0, 9, 1, 2));
  expect(reader.byte()).toBe(7);
  expect(reader.bytes16()).toEqual(new Uint8Array(0));
  expect([reader.byte(), reader.uint53(), reader.int64(), reader.bytes32().length]).toEqual([0, 0, 0n, 0]);
  expect(reader.complete).toBe(false);
});

it('a reader is complete at the last byte, and not before', () => {
  const reader = new ByteReader(Uint8Array.of(0, 1, 5, 6));
  expect(reader.bytes16()).toEqual(Uint8Array.of(5));
  expect(reader.complete).toBe(false);
  expect(reader.byte()).toBe(6);
  expect(reader.complete).toBe(true);
});
