import { expect, test } from 'vitest';

import { Murmur128 } from '../../../src/kv/murmur128.ts';
import type { KvRecord, Operation } from '../../../src/kv/operation.ts';
import { SetDigest } from '../../../src/kv/set-digest.ts';
import { hashScalars, RecordHasher } from '../../../src/kv/state-hash.ts';
import { State, type Tables } from '../../../src/kv/state.ts';
import { ALL, bytes, compact, increment, one, put, remove, Store } from './store.ts';

/** The four lanes as the reference implementation lays them out: 16 bytes, little-endian. */
function murmur(input: Uint8Array, seed: number): Uint8Array {
  const hash = new Murmur128();
  hash.start(seed);
  hash.absorb(new DataView(input.buffer, input.byteOffset, input.byteLength), 0, input.length);
  const output = new DataView(new ArrayBuffer(16));
  [hash.a, hash.b, hash.c, hash.d].forEach((lane, i) => output.setInt32(i * 4, lane, true));
  return new Uint8Array(output.buffer);
}

test('the hash is MurmurHash3_x86_128: it has the verification value of its author (SMHasher)', () => {
  const key = Uint8Array.from({ length: 256 }, (_, i) => i);
  const hashes = new Uint8Array(256 * 16);
  for (let length = 0; length < 256; length++) {
    hashes.set(murmur(key.subarray(0, length), 256 - length), length * 16);
  }
  expect(new DataView(murmur(hashes, 0).buffer).getUint32(0, true)).toBe(0xb3ece62a);
});

test('bytes hash alike wherever they lie in their block, and what lies around them does not count', () => {
  const block = Uint8Array.from({ length: 64 }, (_, i) => i * 7);
  const hasher = new RecordHasher();
  const print = (key: Uint8Array, value: Uint8Array): string => {
    const digest = new SetDigest();
    digest.add(hasher.hash({ ...RECORD, key, value }));
    return digest.print();
  };
  for (let from = 0; from < 20; from++) {
    const [key, value] = [block.subarray(from, from + 5), block.subarray(from + 5, from + 5 + from)];
    expect(print(key, value)).toBe(print(Uint8Array.from(key), Uint8Array.from(value)));
  }
});

const RECORD: KvRecord = {
  key: bytes('key'),
  value: bytes('value'),
  createRevision: 2,
  modRevision: 3,
  version: 2,
  lease: 0n,
};

const CHANGED: readonly (readonly [field: string, record: KvRecord])[] = [
  ['key', { ...RECORD, key: bytes('kez') }],
  ['value', { ...RECORD, value: bytes('valuf') }],
  ['length of the value', { ...RECORD, value: bytes('value\0') }],
  ['border of key and value', { ...RECORD, key: bytes('keyv'), value: bytes('alue') }],
  ['create revision', { ...RECORD, createRevision: 3 }],
  ['create revision beyond 32 bits', { ...RECORD, createRevision: 2 + 2 ** 32 }],
  ['mod revision', { ...RECORD, modRevision: 2 }],
  ['mod revision beyond 32 bits', { ...RECORD, modRevision: 3 + 2 ** 32 }],
  ['version', { ...RECORD, version: 3 }],
  ['lease', { ...RECORD, lease: 1n }],
  ['high half of the lease', { ...RECORD, lease: 1n << 40n }],
  ['sign of the lease', { ...RECORD, lease: -1n }],
];

test.each(CHANGED)('a change of the %s alone changes all four lanes of the hash', (_field, changed) => {
  const { a, b, c, d } = new RecordHasher().hash(RECORD);
  const other = new RecordHasher().hash(changed);
  expect([other.a === a, other.b === b, other.c === c, other.d === d]).toEqual([false, false, false, false]);
});

function digestAt(clusterTimeMs: number, ...operations: readonly Operation[]): string {
  const store = new Store();
  store.runAt(clusterTimeMs, ...operations);
  return store.machine.digest();
}

test('the digest covers the revision and cluster time, not the place in the log', () => {
  const gone = [put('a', '1'), remove(one('a'))];
  const digests = [
    digestAt(0),
    digestAt(1),
    digestAt(2 ** 32),
    digestAt(0, ...gone),
    digestAt(0, ...gone, ...gone),
  ];
  expect(new Set(digests).size).toBe(digests.length);
  const scalars = [hashScalars(1, 2, 3), hashScalars(2, 1, 3), hashScalars(1, 3, 2)];
  expect(new Set(scalars.map(({ a, b, c, d }) => [a, b, c, d].join())).size).toBe(scalars.length);
  const store = new Store();
  const empty = store.machine.digest();
  store.run();
  store.run();
  expect(store.machine.digest()).toBe(empty);
  expect(empty).toMatch(/^[0-9a-f]{32}$/u);
});

test('the digest covers the floor, also where there are no events that it ends', () => {
  const store = new Store();
  const before = store.machine.digest();
  store.run(compact(1));
  expect(store.machine.digest()).not.toBe(before);
});

test('states that are equal, history included, have equal digests, however they came about', () => {
  const straight = new Store();
  straight.run(put('gone', 'x'), put('b', '1'), put('a', '2'), remove(one('gone')), put('c', '0'));
  const winding = new Store();
  winding.run(put('other', 'y'));
  winding.run(put('b', '1'), put('a', '2'), put('b', 'never', { conditions: [{ type: 'absent' }] }));
  winding.run(remove(one('other')), increment('c', 0n), increment('c', 0n));
  expect(winding.scan(ALL)).toEqual(straight.scan(ALL));
  expect(winding.machine.digest()).not.toBe(straight.machine.digest());
  straight.run(compact(5));
  winding.run(compact(5));
  expect(winding.machine.digest()).toBe(straight.machine.digest());
});

test('a replaced, an incremented and a deleted record leave no trace once their history is compacted', () => {
  const empty = new SetDigest();
  empty.add(hashScalars(10, 0, 10));
  const store = new Store();
  store.run(
    put('a', 'one'),
    put('a', 'two'),
    increment('n', 1n),
    increment('n', 1n),
    put('b', ''),
    put('c', 'x'),
  );
  store.run(remove(one('a')), remove(one('b')), remove(ALL));
  expect(store.machine.revision).toBe(10);
  expect(store.machine.digest()).not.toBe(empty.print());
  store.run(compact(10));
  expect(store.machine.digest()).toBe(empty.print());
});

/** A table more does not compile until it stands here too. */
const TOUCHED: Readonly<Record<keyof Tables, (tables: Tables) => void>> = {
  records: ({ records }) => records.digest.add(LANES),
  history: ({ history }) => history.events.total.add(LANES),
  leases: ({ leases }) => leases.digest.add(LANES),
  sessions: ({ sessions }) => sessions.digest.add(LANES),
};
const LANES = { a: 1, b: 2, c: 3, d: 4 };

test.each(Object.entries(TOUCHED))('what is in the table of %s is in the digest', (_, touch) => {
  const state = new State();
  const before = state.digest();
  touch(state.tables);
  expect(state.digest()).not.toBe(before);
});
