import { describe, expect, test } from 'vitest';

import type { Compare, KeyRange, Operand, Reply, TxnOperation } from '../../../src/kv/operation.ts';
import { ALL, between, bytes, compact, increment, one, put, remove, SCAN, Store, text } from './store.ts';

type Parts = Partial<Omit<TxnOperation, 'type'>>;

function txn({ when = [], do: steps = [], otherwise = [] }: Parts): TxnOperation {
  return { type: 'txn', when, do: steps, otherwise };
}

function write(operation: ReturnType<typeof put>): TxnOperation['do'][number] {
  const { type } = operation;
  if (type === 'put' || type === 'delete' || type === 'increment') return operation;
  throw new Error(`a ${type} stands alone`);
}

const set = (key: string, value: string): TxnOperation['do'][number] => write(put(key, value));
const add = (key: string, by: bigint): TxnOperation['do'][number] => write(increment(key, by));
const drop = (range: KeyRange): TxnOperation['do'][number] => write(remove(range));
const get = (key: string): TxnOperation['do'][number] => ({ type: 'get', keys: [bytes(key)] });

function compared(target: KeyRange, operator: Compare['operator'], operand: Operand): Compare {
  return { target, operator, operand };
}

const value = (expected: string): Operand => ({ type: 'value', value: bytes(expected) });
const version = (number: number): Operand => ({ type: 'version', number });

/** a = 1 at revision 2, b = 2 at 3 and 4. */
function filled(): Store {
  const store = new Store();
  store.run(put('a', '1'), put('b', '1'), put('b', '2'));
  return store;
}

function contents(store: Store): string {
  return store
    .scan(ALL)
    .records.map((record) => `${text(record.key)}=${text(record.value)}@${record.modRevision}`)
    .join(' ');
}

function failedAt(reply: Reply): string {
  if (reply.type !== 'failure' || reply.failure.code !== 'TXN_FAILED') throw new Error('it did not fail');
  return `${reply.failure.at}: ${reply.failure.cause.code}`;
}

describe('a compare', () => {
  const cases: readonly (readonly [string, Compare, boolean])[] = [
    ['a value that is there', compared(one('a'), '=', value('1')), true],
    ['a value that is less', compared(one('a'), '<', value('2')), true],
    ['a value that is a prefix', compared(one('a'), '<', value('10')), true],
    ['a value that is not greater', compared(one('a'), '>', value('1')), false],
    ['another value', compared(one('a'), '!=', value('2')), true],
    ['any value where nothing is', compared(one('x'), '!=', value('2')), false],
    ['a version', compared(one('b'), '=', version(2)), true],
    ['version 0 where nothing is', compared(one('x'), '=', version(0)), true],
    ['a version above one where nothing is', compared(one('x'), '<', version(1)), true],
    ['createRevision', compared(one('b'), '=', { type: 'createRevision', number: 3 }), true],
    ['modRevision', compared(one('b'), '>', { type: 'modRevision', number: 3 }), true],
    ['no lease', compared(one('b'), '=', { type: 'lease', lease: 0n }), true],
    ['no lease where nothing is', compared(one('x'), '=', { type: 'lease', lease: 0n }), true],
    ['a negative lease', compared(one('b'), '>', { type: 'lease', lease: -1n }), true],
    ['every key of a range', compared(ALL, '>', version(0)), true],
    ['all but one key of a range', compared(ALL, '=', version(1)), false],
    ['numbers in an empty range', compared(between('x', 'z'), '=', version(0)), true],
    ['values in an empty range', compared(between('x', 'z'), '!=', value('1')), false],
  ];

  test.each(cases)('of %s chooses the branch', (_what, compare, holds) => {
    const reply = filled().reply(
      txn({ when: [compare], do: [set('c', 'yes')], otherwise: [set('c', 'no')] }),
    );
    expect(reply).toMatchObject({ type: 'txn', succeeded: holds, revision: 5 });
  });

  test('fails alone for all that stand beside it, and none at all hold', () => {
    const compares = [compared(one('a'), '=', value('1')), compared(one('b'), '=', value('1'))];
    expect(filled().reply(txn({ when: compares }))).toMatchObject({ succeeded: false });
    expect(filled().reply(txn({}))).toMatchObject({ succeeded: true });
  });
});

test('all changes stand at one revision, and each step sees those before it', () => {
  const store = filled();
  const reply = store.reply(
    txn({ do: [get('c'), set('c', '41'), get('c'), add('n', 2n), drop(one('a')), { ...SCAN, range: ALL }] }),
  );
  if (reply.type !== 'txn') throw new Error('it failed');
  const [before, , after, sum, gone, all] = reply.results;
  expect(before).toEqual({ type: 'get', records: [null] });
  expect(after).toMatchObject({ records: [{ value: bytes('41'), modRevision: 5 }] });
  expect(sum).toEqual({ type: 'increment', revision: 5, value: 2n });
  expect(gone).toMatchObject({ deleted: 1 });
  expect(all).toMatchObject({ count: 3, more: false });
  expect(contents(store)).toBe('b=2@4 c=41@5 n=2@5');
  expect(store.machine.revision).toBe(5);
});

test('one that writes nothing takes no revision, whichever branch it takes', () => {
  const store = filled();
  store.run(
    txn({ do: [get('a')] }),
    txn({ when: [compared(one('a'), '=', version(9))], do: [set('a', 'x')] }),
    txn({ do: [drop(one('nothing'))] }),
  );
  expect(store.machine.revision).toBe(4);
});

test.each([
  ['a condition', { ...put('b', '3', { conditions: [{ type: 'absent' }] }) }, 'CONFLICT'],
  ['what is no counter', increment('word', 1n), 'NOT_A_COUNTER'],
  ['a sum beyond 64 bits', increment('big', 1n), 'COUNTER_OVERFLOW'],
] as const)('a step that fails on %s undoes all and is named', (_what, step, code) => {
  const store = filled();
  store.run(put('word', 'x'), put('big', '9223372036854775807'), compact(3), put('d', '4'));
  const before = { contents: contents(store), digest: store.machine.digest() };
  const steps = [set('a', 'again'), drop(one('d')), add('n', 1n), write(step)];
  const reply = store.reply(txn({ do: [set('c', '1'), txn({ do: steps })] }));
  expect(failedAt(reply)).toBe(`do[1].do[3]: ${code}`);
  expect(reply.type === 'failure' && reply.revision).toBe(7);
  expect({ contents: contents(store), digest: store.machine.digest() }).toEqual(before);
  expect(store.reply(put('z', ''))).toMatchObject({ revision: 8 });
});

test('a read of what history no longer has undoes all', () => {
  const store = filled();
  store.run(compact(3));
  const read = { type: 'past', revision: 2, read: { type: 'get', keys: [bytes('a')] } } as const;
  expect(failedAt(store.reply(txn({ do: [set('a', 'x'), read] })))).toBe('do[1]: COMPACTED');
  expect(contents(store)).toBe('a=1@2 b=2@4');
});

test('nested compares are made before anything is done', () => {
  const store = filled();
  const inner = txn({
    when: [compared(one('a'), '=', value('1'))],
    do: [set('c', 'old')],
    otherwise: [set('c', 'new')],
  });
  store.run(txn({ do: [set('a', '9'), inner] }));
  expect(contents(store)).toBe('a=9@5 b=2@4 c=old@5');
});

test.each([
  ['two puts', [set('k', '1'), set('k', '2')], 'do[1]: DUPLICATE_KEY'],
  ['a put and an increment', [set('k', '1'), add('k', 1n)], 'do[1]: DUPLICATE_KEY'],
  ['a put, then a deletion of its range', [set('k', '1'), drop(ALL)], 'do[1]: DUPLICATE_KEY'],
  ['a deletion, then a put of what it deleted', [drop(ALL), set('a', '1')], 'do[1]: DUPLICATE_KEY'],
  ['a put in a nested one', [set('k', '1'), txn({ do: [set('k', '2')] })], 'do[1].do[0]: DUPLICATE_KEY'],
] as const)('%s of one key are refused at apply too', (_what, steps, verdict) => {
  const store = filled();
  expect(failedAt(store.reply(txn({ do: [...steps] })))).toBe(verdict);
  expect(store.machine.revision).toBe(4);
});

test('deleting twice is deleting once', () => {
  const store = filled();
  const reply = store.reply(txn({ do: [drop(one('a')), drop(ALL), drop(ALL)] }));
  expect(reply).toMatchObject({ results: [{ deleted: 1 }, { deleted: 1 }, { deleted: 0 }] });
});

test('its changes are read as one revision of the past', () => {
  const store = filled();
  store.run(txn({ do: [set('a', '9'), drop(one('b'))] }), put('b', 'later'));
  const read = { type: 'get', keys: [bytes('a'), bytes('b')] } as const;
  expect(store.past(4, read)).toMatchObject({ result: { records: [{ value: bytes('1') }, { version: 2 }] } });
  expect(store.past(5, read)).toMatchObject({ result: { records: [{ value: bytes('9') }, null] } });
});

test('a failed one leaves the past of a key that it brought back', () => {
  const store = filled();
  store.run(remove(one('a')), put('word', 'x'));
  expect(failedAt(store.reply(txn({ do: [set('a', 'again'), add('word', 1n)] })))).toBe(
    'do[1]: NOT_A_COUNTER',
  );
  const read = { type: 'get', keys: [bytes('a')] } as const;
  expect(store.past(4, read)).toMatchObject({ result: { records: [{ value: bytes('1') }] } });
  expect(store.get('a')).toBe(null);
});
