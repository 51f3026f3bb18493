import { expect, test } from 'vitest';

import type { KvRecord } from '../../../src/kv/operation.ts';
import { RecordRows } from '../../../src/kv/record-rows.ts';
import { bytes } from './store.ts';

const key = bytes('key');
const HASH = { a: 1, b: -2, c: 2 ** 31 - 1, d: -(2 ** 31) };

function record(number: number): KvRecord {
  const value = bytes(`value ${number}`);
  return { key, value, createRevision: number, modRevision: 2 ** 52 + number, version: number, lease: -1n };
}

test('a row gives back what was written to it, on the first page and on those after it', () => {
  const rows = new RecordRows();
  const written = Array.from({ length: 10_000 }, (_, i) => {
    const row = rows.allocate('');
    rows.write(row, record(i), { ...HASH, a: i }, 0);
    return row;
  });
  expect(written.every((row, i) => rows.version(row) === i && rows.hash(row).a === i)).toBe(true);
  for (const i of [0, 1, 4_095, 4_096, 8_191, 8_192, 9_999]) {
    expect(rows.read(written[i] ?? -1, key)).toEqual(record(i));
    expect(rows.hash(written[i] ?? -1)).toEqual({ ...HASH, a: i });
  }
});

test('a released row lets go of its block and is the next one given', () => {
  const rows = new RecordRows();
  const row = rows.allocate('');
  rows.write(row, record(1), HASH, 0);
  rows.write(rows.allocate(''), record(2), HASH, 0);
  rows.release(row);
  expect(() => rows.value(row)).toThrow(RangeError);
  expect(rows.allocate('')).toBe(row);
});

test('an empty value keeps no block', () => {
  const rows = new RecordRows();
  const row = rows.allocate('');
  rows.write(row, { ...record(1), value: bytes('a large block').subarray(7, 7) }, HASH, 0);
  expect(rows.value(row).buffer.byteLength).toBe(0);
});
