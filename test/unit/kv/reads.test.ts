import { expect, test } from 'vitest';

import type { KvRecord } from '../../../src/kv/operation.ts';
import { ALL, between, bytes, one, PAGE, put, remove, Store, text } from './store.ts';

function storeOf(...keys: readonly string[]): Store {
  const store = new Store();
  store.run(...keys.map((key) => put(key, `value of ${key}`)));
  return store;
}

test('a record has all its fields, and its value is the very bytes that arrived, not a copy', () => {
  const block = bytes('....the value....');
  const value = block.subarray(4, 13);
  const store = new Store();
  store.run({ type: 'put', key: bytes('a'), value, conditions: [], returnPrevious: false });
  const record = store.get('a');
  expect(record).toEqual({
    key: bytes('a'),
    value,
    createRevision: 2,
    modRevision: 2,
    version: 1,
    lease: 0n,
  });
  expect(record?.value.buffer).toBe(block.buffer);
});

test('many keys are read at once: a slot for each, in the order asked, null for what is absent', () => {
  const store = storeOf('a', 'b');
  const keys = [bytes('b'), bytes('nothing'), bytes('a'), bytes('b')];
  const result = store.machine.query({ type: 'get', keys }, PAGE);
  if (result.type !== 'get') throw new Error('not the answer to a get');
  expect(result.records.map((record) => record && text(record.value))).toEqual([
    'value of b',
    null,
    'value of a',
    'value of b',
  ]);
});

test('a record that was read stays what it was when the key is written again, deleted or reused', () => {
  const store = storeOf('a');
  const before = store.get('a');
  const copy = structuredClone(before);
  store.run(put('a', 'other'), remove(one('a')), put('b', 'takes the place'));
  expect(before).toEqual(copy);
});

test('a range has its start and not its end', () => {
  const store = storeOf('a', 'b', 'b\0', 'ba', 'c');
  expect(store.keys(between('b', 'c'))).toEqual(['b', 'b\0', 'ba']);
  expect(store.keys(between('b', 'b'))).toEqual([]);
  expect(store.keys(between('c', 'a'))).toEqual([]);
  expect(store.keys(between('b\0', ''))).toEqual(['b\0', 'ba', 'c']);
  expect(store.keys(ALL)).toEqual(['a', 'b', 'b\0', 'ba', 'c']);
  expect(store.keys(one('b'))).toEqual(['b']);
  expect(store.keys(one('bb'))).toEqual([]);
});

test('keys are ordered by byte, whatever they would mean as text', () => {
  const store = storeOf('\xff', 'a', '\x80', '\xc3\xa9', '\xff\xff', '\0', 'Z', '\x7f', 'aa', '\xff\0');
  const order = ['\0', 'Z', 'a', 'aa', '\x7f', '\x80', '\xc3\xa9', '\xff', '\xff\0', '\xff\xff'];
  expect(store.keys(ALL)).toEqual(order);
  expect(store.keys(ALL, { reverse: true })).toEqual(order.toReversed());
  expect(store.keys(between('\xff', ''))).toEqual(['\xff', '\xff\0', '\xff\xff']);
});

test('a limit cuts the range from the side where the scan begins', () => {
  const store = storeOf('a', 'b', 'c', 'd');
  expect(store.keys(ALL, { limit: 2 })).toEqual(['a', 'b']);
  expect(store.keys(ALL, { limit: 2, reverse: true })).toEqual(['d', 'c']);
  expect(store.scan(ALL, { limit: 3 }).more).toBe(true);
  expect(store.scan(ALL, { limit: 4 })).toMatchObject({ more: false, count: 4 });
});

test('keysOnly has everything but the values, countOnly nothing but the count of the whole range', () => {
  const store = storeOf('a', 'b', 'c');
  const { records } = store.scan(ALL, { keysOnly: true });
  const full = store.scan(ALL).records;
  expect(records).toEqual(full.map((record): KvRecord => ({ ...record, value: new Uint8Array(0) })));
  const counted = { type: 'scan', records: [], count: 3, more: false };
  expect(store.scan(ALL, { countOnly: true, limit: 1 }, { pageRecordsMax: 1, pageBytesMax: 1 })).toEqual(
    counted,
  );
  expect(store.scan(one('b'), { countOnly: true }).count).toBe(1);
});

test('a page ends by records or by bytes of keys and values, and says that there is more', () => {
  const store = new Store();
  store.run(...['a', 'b', 'c', 'd'].map((key) => put(key, 'ninebytes')));
  const page = (
    pageRecordsMax: number,
    pageBytesMax: number,
    keysOnly = false,
  ): readonly [number, boolean] => {
    const { records, more } = store.scan(ALL, { keysOnly }, { pageRecordsMax, pageBytesMax });
    return [records.length, more];
  };
  expect(page(3, 1_000)).toEqual([3, true]);
  expect(page(4, 1_000)).toEqual([4, false]);
  expect(page(9, 30)).toEqual([3, true]);
  expect(page(9, 29)).toEqual([2, true]);
  expect(page(9, 40)).toEqual([4, false]);
  expect(page(9, 4, true)).toEqual([4, false]);
  expect(page(9, 3, true)).toEqual([3, true]);
});

test('a record larger than a page is a page of its own, so that every scan comes to its end', () => {
  const store = storeOf('a', 'b');
  const limits = { pageRecordsMax: 10, pageBytesMax: 1 };
  expect(store.scan(ALL, {}, limits)).toMatchObject({ count: 1, more: true });
  expect(store.scan(between('a\0', ''), {}, limits)).toMatchObject({ count: 1, more: false });
});
