import { describe, expect, test } from 'vitest';

import type { Operation, TxnOperation } from '../../../src/kv/operation.ts';
import { ALL, bytes, one, PAGE, remove, SCAN, Store } from './store.ts';

const MIB = 1 << 20;
const LIMIT = { code: 'RESULT_TOO_LARGE', limit: 8 * MIB } as const;
const names = (count: number): Uint8Array[] => Array.from({ length: count }, () => bytes('large'));

function putOf(key: string, value: Uint8Array, returnPrevious = false): Operation {
  return { type: 'put', key: bytes(key), value, conditions: [], returnPrevious };
}

/** `large` has a MiB, at revision 2. */
function filled(): Store {
  const store = new Store();
  store.run(putOf('large', new Uint8Array(MIB)));
  return store;
}

function txn(steps: TxnOperation['do']): TxnOperation {
  return { type: 'txn', when: [], do: steps, otherwise: [] };
}

describe('an answer holds 8 MiB of records', () => {
  test('a get of more, be it one key many times, is refused as a whole', () => {
    const { machine } = filled();
    const most = machine.query({ type: 'get', keys: names(7) }, PAGE);
    expect(most).toMatchObject({ type: 'get', records: Array.from({ length: 7 }, () => ({ version: 1 })) });
    expect(machine.query({ type: 'get', keys: names(8) }, PAGE)).toEqual({ type: 'failure', failure: LIMIT });
  });

  test('a get of the past too, of keys that are gone', () => {
    const store = filled();
    store.run(remove(one('large')));
    expect(store.past(2, { type: 'get', keys: names(8) })).toEqual({ type: 'failure', failure: LIMIT });
    expect(store.past(3, { type: 'get', keys: names(8) })).toMatchObject({ type: 'past' });
  });

  test('one record has room however large it is', () => {
    const store = new Store();
    const value = new Uint8Array(9 * MIB);
    store.run(putOf('a', value));
    const keys = [bytes('absent'), bytes('a')];
    expect(store.machine.query({ type: 'get', keys }, PAGE)).toMatchObject({ type: 'get' });
    expect(store.reply(putOf('a', value, true))).toMatchObject({ type: 'put', previous: { version: 1 } });
    expect(store.reply(remove(ALL, { returnPrevious: true }))).toMatchObject({ deleted: 1 });
  });

  test('a transaction counts what all its steps give, nested ones too, and undoes what it did', () => {
    const store = filled();
    const digest = store.machine.digest();
    const scan = { ...SCAN, range: ALL, reverse: true } as const;
    const get = { type: 'get', keys: names(3) } as const;
    const write = putOf('a', bytes('1'));
    if (write.type !== 'put') throw new Error('not a put');
    const reply = store.reply(txn([write, get, txn([get, scan]), scan]));
    expect(reply).toMatchObject({ failure: { code: 'TXN_FAILED', at: 'do[3]', cause: LIMIT } });
    expect(store.machine.digest()).toBe(digest);
    const failure = { code: 'TXN_FAILED', at: 'do[2]', cause: LIMIT };
    const steps = [get, get, get] as const;
    const readOnly = { type: 'txn', when: [], do: steps, otherwise: [] } as const;
    expect(store.machine.query(readOnly, PAGE)).toEqual({ type: 'failure', failure });
  });

  test('a deletion that is to return more deletes nothing; without returning, there is no bound', () => {
    const store = new Store();
    store.run(...Array.from({ length: 8 }, (_, at) => putOf(`k${at}`, new Uint8Array(MIB))));
    const refused = store.reply(remove(ALL, { returnPrevious: true }));
    expect(refused).toMatchObject({ type: 'failure', failure: LIMIT });
    expect(store.reply(remove(ALL))).toMatchObject({ deleted: 8 });
  });
});
