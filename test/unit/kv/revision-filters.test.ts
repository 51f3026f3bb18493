import { expect, test } from 'vitest';

import type { RevisionFilter, ScanQuery, TxnOperation } from '../../../src/kv/operation.ts';
import { ALL, bytes, PAGE, put, remove, one, SCAN, Store, text } from './store.ts';

const NO_BOUND: RevisionFilter = {
  minModRevision: 0,
  maxModRevision: 0,
  minCreateRevision: 0,
  maxCreateRevision: 0,
};

/** a: created 2, changed 5. b: 3. c: 4, gone at 6. */
function filled(): Store {
  const store = new Store();
  store.run(put('a', '1'), put('b', '1'), put('c', '1'), put('a', '2'), remove(one('c')));
  return store;
}

function found(
  store: Store,
  bounds: Partial<RevisionFilter>,
  scan: Partial<ScanQuery> = {},
  revision = 0,
): string {
  const read = { ...SCAN, range: ALL, ...scan };
  const answer = store.machine.query(
    { type: 'past', revision, read, filter: { ...NO_BOUND, ...bounds } },
    PAGE,
  );
  if (answer.type !== 'past' || answer.result.type !== 'scan') throw new Error('not the answer to a scan');
  const { records, count } = answer.result;
  return read.countOnly ? String(count) : records.map((record) => text(record.key)).join('');
}

test.each([
  ['no bound', {}, 'ab'],
  ['the least last change', { minModRevision: 4 }, 'a'],
  ['the least last change, which belongs to it', { minModRevision: 3 }, 'ab'],
  ['the greatest last change', { maxModRevision: 3 }, 'b'],
  ['the least creation', { minCreateRevision: 3 }, 'b'],
  ['the greatest creation', { maxCreateRevision: 2 }, 'a'],
  ['bounds that exclude each other', { minModRevision: 5, maxCreateRevision: 1 }, ''],
])('a scan with %s leaves out what does not lie within it', (_what, bounds, keys) => {
  expect(found(filled(), bounds)).toBe(keys);
  expect(found(filled(), bounds, { countOnly: true })).toBe(String(keys.length));
});

test('a scan of the past is filtered by what was true then', () => {
  expect(found(filled(), { minModRevision: 3 }, {}, 4)).toBe('bc');
  expect(found(filled(), { maxModRevision: 2 }, { reverse: true }, 4)).toBe('a');
});

test('a get tells what is filtered out as absent', () => {
  const read = { type: 'get', keys: [bytes('a'), bytes('b'), bytes('c')] } as const;
  const filter = { ...NO_BOUND, minModRevision: 4 };
  const answer = filled().machine.query({ type: 'past', revision: 0, read, filter }, PAGE);
  expect(answer).toMatchObject({ result: { records: [{ version: 2 }, null, null] } });
});

test('a page that finds little ends after a bounded number of keys, and says where to go on', () => {
  const store = new Store();
  for (let at = 10; at < 40; at += 1) store.run(put(`k${at}`, ''));
  const limits = { ...PAGE, pageRecordsMax: 3 };
  const filter = { ...NO_BOUND, minModRevision: 31 };
  const first = store.machine.query(
    { type: 'past', revision: 0, read: { ...SCAN, range: ALL }, filter },
    limits,
  );
  expect(first).toMatchObject({ result: { records: [], count: 0, more: true }, resume: bytes('k21') });
});

test('a transaction filters the state that its own steps have made', () => {
  const store = filled();
  const read = { ...SCAN, range: ALL };
  const filter = { ...NO_BOUND, minModRevision: 7 };
  const write = {
    type: 'put',
    key: bytes('d'),
    value: bytes('1'),
    conditions: [],
    returnPrevious: false,
  } as const;
  const txn: TxnOperation = {
    type: 'txn',
    when: [],
    do: [{ type: 'past', revision: 0, read, filter }, write, { type: 'past', revision: 0, read, filter }],
    otherwise: [],
  };
  expect(store.reply(txn)).toMatchObject({
    results: [
      { result: { count: 0 } },
      { type: 'put' },
      { result: { count: 1, records: [{ modRevision: 7 }] } },
    ],
  });
});
