import { expect, test } from 'vitest';

import { OrderedKeys } from '../../../src/kv/ordered-keys.ts';
import { ALL, between, put, remove, Store } from './store.ts';

/** Every number below `count` once, far from in order. */
function shuffled(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => String((i * 7_919) % count).padStart(6, '0'));
}

test('tens of thousands of keys in any order stand in order, across chunks, pages and parts', () => {
  const store = new Store();
  store.run(...shuffled(20_000).map((key) => put(key, key)));
  const read = store.scan(between('004000', '016000'), {}, { pageRecordsMax: 50_000, pageBytesMax: 1 << 30 });
  expect(read.records.map(({ key }) => Number(Buffer.from(key).toString()))).toEqual(
    Array.from({ length: 12_000 }, (_, i) => 4_000 + i),
  );
  expect(read.records.every(({ key, value }) => Buffer.compare(key, value) === 0)).toBe(true);
  expect(store.reply(remove(between('000100', '019900')))).toMatchObject({ deleted: 19_800 });
  expect(store.scan(ALL, { countOnly: true }).count).toBe(200);
  store.run(...shuffled(20_000).map((key) => put(key, 'again')));
  expect(store.machine.keyCount).toBe(20_000);
});

test('a key that is there is not inserted, and one that is not there is not removed: both stop the process', () => {
  const keys = new OrderedKeys();
  keys.insert('a');
  expect(() => keys.insert('a')).toThrow('a key appears once');
  expect(() => keys.remove('b')).toThrow('a key that disappears was there');
  expect(keys.size).toBe(1);
});

test('chunks stay few: keys in order fill theirs, and those that deletes left thin are joined', () => {
  const keys = new OrderedKeys(512);
  const inOrder = Array.from({ length: 51_200 }, (_, i) => String(i).padStart(6, '0'));
  for (const key of inOrder) keys.insert(key);
  expect(keys.chunkCount).toBe(100);
  for (const [i, key] of inOrder.entries()) if (i % 512 !== 0) keys.remove(key);
  expect(keys.size).toBe(100);
  expect(keys.chunkCount).toBe(1);
});
