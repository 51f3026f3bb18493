import { describe, expect, it } from 'vitest';

import type { KeyRange, TxnOperation, TxnStep } from '../../../src/kv/operation.ts';
import { decodeOperation, encodeOperation } from '../../../src/wire/operation-codec.ts';
import { checkTxn, isReadOnly } from '../../../src/wire/txn-check.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const set = (key: string): TxnStep => ({
  type: 'put',
  key: bytes(key),
  value: bytes(''),
  conditions: [],
  returnPrevious: false,
});
const add = (key: string): TxnStep => ({ type: 'increment', key: bytes(key), by: 1n });
const get = (...keys: string[]): TxnStep => ({ type: 'get', keys: keys.map(bytes) });
const drop = (start: string, end: string | null = null): TxnStep => {
  const target: KeyRange = { start: bytes(start), end: end === null ? null : bytes(end) };
  return { type: 'delete', target, conditions: [], returnPrevious: false };
};
const txn = (steps: readonly TxnStep[], otherwise: readonly TxnStep[] = []): TxnOperation => ({
  type: 'txn',
  when: [],
  do: steps,
  otherwise,
});

function nested(depth: number): TxnOperation {
  return depth === 1 ? txn([]) : txn([nested(depth - 1)]);
}

function manyPuts(count: number): TxnStep[] {
  return Array.from({ length: count }, (_, i) => set(`key ${i}`));
}

describe('a transaction', () => {
  it.each<[string, TxnOperation, string | null]>([
    ['different keys', txn([set('a'), set('b'), add('c')]), null],
    ['one key twice', txn([set('a'), set('a')]), 'do[1]'],
    ['one key put and incremented', txn([add('a'), set('a')]), 'do[1]'],
    ['one key in both branches', txn([set('a')], [set('a')]), null],
    ['one key twice in the other branch', txn([], [set('a'), set('a')]), 'otherwise[1]'],
    ['a range that holds a key put before', txn([set('b'), drop('a', 'c')]), 'do[1]'],
    ['a key put in a range deleted before', txn([drop('a', 'c'), set('b')]), 'do[1]'],
    ['a key at the end of a range', txn([drop('a', 'c'), set('c')]), null],
    ['a key beyond an open end', txn([drop('a', ''), set('zz')]), 'do[1]'],
    ['a key deleted, then put', txn([drop('a'), set('a')]), 'do[1]'],
    ['a key deleted, and another that begins like it', txn([drop('a'), set('a\0')]), null],
    ['ranges that overlap', txn([drop('a', 'c'), drop('b', 'd'), drop('b')]), null],
    ['a key of a nested one', txn([set('a'), txn([], [set('a')])]), 'do[1]'],
    ['a key after a nested one', txn([txn([set('a')], [set('b')]), set('b')]), 'do[1]'],
    ['the same key in both branches of a nested one', txn([txn([set('a')], [set('a')])]), null],
    ['one key twice in a nested one', txn([txn([set('a'), set('a')])]), 'do[0].do[1]'],
    ['a key read and put', txn([get('a'), set('a'), get('a')]), null],
  ])('with %s is checked before the log', (_what, subject, at) => {
    const flaw = checkTxn(subject);
    expect(flaw?.code).toBe(at === null ? undefined : 'DUPLICATE_KEY');
    expect(flaw?.message.split(' ')[0]).toBe(at ?? undefined);
  });

  it('has at most 128 operations, all branches, nested ones and keys read together', () => {
    expect(checkTxn(txn(manyPuts(128)))).toBe(null);
    expect(checkTxn(txn(manyPuts(129)))).toMatchObject({ code: 'TOO_MANY_OPERATIONS' });
    expect(checkTxn(txn(manyPuts(64), manyPuts(65)))?.code).toBe('TOO_MANY_OPERATIONS');
    expect(checkTxn(txn([txn(manyPuts(128))]))?.code).toBe('TOO_MANY_OPERATIONS');
    expect(checkTxn(txn([get(...Array<string>(129).fill('k'))]))?.code).toBe('TOO_MANY_OPERATIONS');
    expect(checkTxn(txn(manyPuts(3)), 2)?.message).toBe('3 operations and 0 compares; the most of each is 2');
  });

  it('has at most 128 compares', () => {
    const target = { start: bytes('k'), end: null };
    const compare = { target, operator: '=', operand: { type: 'version', number: 0 } } as const;
    const compares = Array.from({ length: 128 }, () => compare);
    expect(checkTxn({ ...txn([]), when: compares })).toBe(null);
    expect(checkTxn({ ...txn([]), when: [...compares, compare] })?.code).toBe('TOO_MANY_OPERATIONS');
  });

  it('nests at most four deep, and deeper ones are not even decoded', () => {
    const limits = { keyBytesMax: 10, valueBytesMax: 10 };
    expect(checkTxn(nested(4))).toBe(null);
    expect(decodeOperation(encodeOperation(nested(4)), limits).ok).toBe(true);
    expect(checkTxn(nested(5))?.code).toBe('TOO_MANY_OPERATIONS');
    expect(decodeOperation(encodeOperation(nested(5)), limits)).toMatchObject({
      ok: false,
      code: 'TOO_MANY_OPERATIONS',
    });
  });

  it('is a query exactly when no branch writes, nested ones neither', () => {
    const past: TxnStep = { type: 'past', revision: 1, read: { type: 'get', keys: [] } };
    expect(isReadOnly(txn([get('a'), past, txn([get('b')])], [get('c')]))).toBe(true);
    expect(isReadOnly(txn([], [set('a')]))).toBe(false);
    expect(isReadOnly(txn([txn([], [drop('a')])]))).toBe(false);
    expect(isReadOnly(txn([add('a')]))).toBe(false);
  });

  it.each([
    ['a compaction in it', '01050000 0000 0001 01 0000000c 010400000000000000000001 0000', 'stands alone'],
    [
      'a compare of what there is not',
      '01050000 0001 06 01 00 0001 61 0000000000000000 0000 0000',
      'compare',
    ],
    [
      'a compare by what there is not',
      '01050000 0001 02 05 00 0001 61 0000000000000000 0000 0000',
      'compare',
    ],
    ['a step that there is not', '01050000 0000 0001 09 0000', 'step kind 9'],
    ['a step of the past that is none', '01050000 0000 0001 04 0000000000000001 01 0000', 'step kind 1'],
    ['a scan with a flag too many', '01050000 0000 0001 03 20 0001 61 0000000000000000 0000', 'flags'],
    ['no key to read', '01050000 0000 0001 02 0001 0000 0000', 'at least one byte'],
    ['flags', '01050100 0000 0000 0000', 'flags or conditions'],
    ['something behind it', '01050000 0000 0000 0000 00', 'something follows it'],
    ['65,535 steps that are not there', '01050000 0000 ffff', 'step kind 0'],
  ])('with %s is refused', (_what, digits, reason) => {
    const decoded = decodeOperation(Buffer.from(digits.replaceAll(' ', ''), 'hex'), {
      keyBytesMax: 10,
      valueBytesMax: 10,
    });
    expect(decoded).toMatchObject({ ok: false, code: 'INVALID_ARGUMENT' });
    expect(decoded.ok ? '' : decoded.message).toContain(reason);
  });
});
