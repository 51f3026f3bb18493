import { expect, expectTypeOf, test } from 'vitest';

import { connect, type Db, type Entry, type PutResult, type TxnStep } from '../../../src/client/index.ts';
import { StoreNode } from './store-node.ts';

async function withStore(use: (db: Db, store: StoreNode) => Promise<void>): Promise<void> {
  await using store = await StoreNode.start();
  await using db = await connect(store.node.url);
  await use(db, store);
}

test('a transaction does one of its two lists, as one revision, and each result is of its step', async () => {
  await withStore(async (db) => {
    const first = await db.txn({
      when: [{ key: 'a', version: 0 }],
      do: [{ put: 'a', value: 'one' }, { increment: 'n', by: 5n }, { get: 'a' }],
      otherwise: [{ get: 'a' }],
    });
    expect(first).toMatchObject({
      succeeded: true,
      revision: 2,
      results: [{ revision: 2 }, { value: 5n }, {}],
    });
    if (!first.succeeded) throw new Error('it did succeed');
    expectTypeOf(first.results[0]).toEqualTypeOf<PutResult>();
    expectTypeOf(first.results[1].value).toEqualTypeOf<bigint>();
    expectTypeOf(first.results[2]).toEqualTypeOf<Entry | undefined>();
    expect(first.results[2]?.text()).toBe('one');

    const second = await db.txn({
      when: [{ key: 'a', version: 0 }],
      do: [{ put: 'a', value: 'two' }],
      otherwise: [{ getMany: ['a', 'b'] }, { count: { prefix: '' } }, { scan: { prefix: '' }, limit: 1 }],
    });
    if (second.succeeded) throw new Error('a was there');
    expect(second.revision).toBe(2);
    const [many, count, page] = second.results;
    expect(many.map((entry) => entry?.text())).toEqual(['one', undefined]);
    expect(count).toBe(2);
    expect(page.entries.map(({ key }) => key)).toEqual(['a']);
    expect(page.more).toBe(true);
  });
});

test('transactions nest, and every kind of compare is told from every other', async () => {
  await withStore(async (db) => {
    await db.put('a', 'x');
    await db.put('a', 'y');
    const holds = async (compare: Parameters<Db['txn']>[0]['when']): Promise<boolean> =>
      (await db.txn({ when: compare, do: [{ get: 'a' }] })).succeeded;
    expect(await holds([{ key: 'a', value: 'y' }])).toBe(true);
    expect(await holds([{ key: 'a', value: 'y', operator: '!=' }])).toBe(false);
    expect(await holds([{ key: 'a', version: 2 }])).toBe(true);
    expect(await holds([{ key: 'a', createRevision: 2 }])).toBe(true);
    expect(await holds([{ key: 'a', modRevision: 2, operator: '>' }])).toBe(true);
    expect(await holds([{ key: 'a', lease: 0n }])).toBe(true);
    expect(await holds([{ prefix: '', modRevision: 3, operator: '<' }])).toBe(false);

    const nested = await db.txn({
      do: [
        { put: 'b', value: '1' },
        { txn: { when: [{ key: 'b', version: 0 }], do: [{ put: 'c', value: '2' }] } },
      ],
    });
    if (!nested.succeeded) throw new Error('nothing was compared');
    expect(nested.results[1].succeeded).toBe(true);
    expect((await db.get('c'))?.modRevision).toBe(nested.revision);
  });
});

test('a transaction that only reads is a read, and one that fails says where', async () => {
  await withStore(async (db, store) => {
    await db.put('a', 'x');
    await db.txn({ do: [{ get: 'a' }, { count: { prefix: '' } }] });
    expect(store.asked.map(({ type }) => type)).toEqual(['txn']);
    const failing = db.txn({
      do: [
        { put: 'b', value: '1' },
        { put: 'a', value: 'y', ifAbsent: true },
      ],
    });
    await expect(failing).rejects.toMatchObject({ code: 'CONFLICT', details: { at: 'do[1]' } });
    expect(await db.get('b')).toBeUndefined();
  });
});

test('a flaw is refused before anything is sent', async () => {
  await withStore(async (db, store) => {
    const refused = async (txn: unknown, code: string): Promise<void> => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as a program without types may call it
      await expect(db.txn(txn as { do: TxnStep[] })).rejects.toMatchObject({ code, outcome: 'not-applied' });
    };
    const put = { put: 'a', value: 'x' };
    await refused({ do: [put, put] }, 'DUPLICATE_KEY');
    await refused({ do: Array.from({ length: 129 }, () => ({ get: 'a' })) }, 'TOO_MANY_OPERATIONS');
    await refused({ wenn: [], do: [put] }, 'INVALID_ARGUMENT');
    await refused({ do: [{ ...put, ifRevison: 3 }] }, 'INVALID_ARGUMENT');
    await refused({ do: [{ ...put, get: 'a' }] }, 'INVALID_ARGUMENT');
    await refused({ when: [{ key: 'a' }], do: [put] }, 'INVALID_ARGUMENT');
    await refused({ when: [{ key: 'a', value: 'x', version: 1 }], do: [put] }, 'INVALID_ARGUMENT');
    await refused({ when: [{ key: 'a', prefix: 'b', version: 1 }], do: [put] }, 'INVALID_ARGUMENT');
    await refused({ when: [{ key: 'a', version: 1, operator: '==' }], do: [put] }, 'INVALID_ARGUMENT');
    expect(store.revision).toBe(1);
  });
});

test('the past is read at its revision; below the floor and above the present an error says what there is', async () => {
  await withStore(async (db) => {
    for (const value of ['one', 'two', 'three']) await db.put('a', value);
    await db.put('b', 'x');
    await db.delete('a');
    expect((await db.get('a', { atRevision: 3 }))?.text()).toBe('two');
    expect(await db.read('a', { atRevision: 4 })).toMatchObject({ revision: 4, entry: { modRevision: 4 } });
    expect((await db.getMany(['a', 'b'], { atRevision: 2 })).map((each) => each?.text())).toEqual([
      'one',
      undefined,
    ]);
    expect(await db.count({ prefix: '' }, { atRevision: 5 })).toBe(2);
    expect(await db.count({ prefix: '' })).toBe(1);
    await expect(db.get('a', { atRevision: 9 })).rejects.toMatchObject({
      code: 'FUTURE_REVISION',
      details: { revision: 6 },
    });
    expect(await db.compact(4)).toEqual({ floor: 4, revision: 6 });
    await expect(db.count({ prefix: '' }, { atRevision: 3 })).rejects.toMatchObject({
      code: 'COMPACTED',
      details: { floor: 4 },
    });
    await expect(db.compact(3)).rejects.toMatchObject({ code: 'COMPACTED' });
    await expect(db.get('a', { atRevision: 0 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

test('all pages of a scan show the moment of the first, whatever is written meanwhile', async () => {
  await withStore(async (db, store) => {
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) store.put(key, 'old');
    const seen: string[] = [];
    for await (const entry of db.scan({ prefix: '' })) {
      seen.push(`${entry.key}=${entry.text()}`);
      const target = { start: Buffer.from('e'), end: null };
      store.apply({ type: 'delete', target, conditions: [], returnPrevious: false });
      store.put('f', 'new');
      store.put('cc', 'new');
    }
    expect(seen).toEqual(['a=old', 'b=old', 'c=old', 'd=old', 'e=old', 'f=old', 'g=old']);
  });
});

test('what one answer cannot hold is refused whole, with what it may hold: a read, a deletion, a transaction', async () => {
  await using store = await StoreNode.start();
  await using db = await connect(store.node.url);
  await db.put('large', new Uint8Array(1 << 20));
  const often = Array.from({ length: 8 }, () => 'large');
  const refusal = { code: 'RESULT_TOO_LARGE', outcome: 'not-applied', details: { limit: 8 << 20 } };
  await expect(db.getMany(often)).rejects.toMatchObject(refusal);
  await expect(db.getMany(often, { atRevision: 2 })).rejects.toMatchObject(refusal);
  const gets = often.map((key) => ({ get: key }));
  await expect(db.txn({ do: gets })).rejects.toMatchObject({ ...refusal, details: { at: 'do[7]' } });
  await expect(db.txn({ do: [{ put: 'a', value: '1' }, ...gets] })).rejects.toMatchObject(refusal);
  expect(await db.get('a')).toBeUndefined();
});

test('scans and counts take bounds of revisions, over all pages of one moment, in a transaction too', async () => {
  await using store = await StoreNode.start();
  await using db = await connect(store.node.url);
  for (let at = 10; at < 40; at += 1) await db.put(`k${at}`, '1');
  await db.put('k12', '2');
  const all = { prefix: '' };
  const keys: string[] = [];
  for await (const entry of db.scan(all, { minModRevision: 30 })) keys.push(entry.key);
  expect(keys).toEqual(['k12', 'k38', 'k39']);
  expect(await db.count(all, { minModRevision: 30, maxCreateRevision: 20 })).toBe(1);
  expect(await db.count(all, { maxModRevision: 31, atRevision: 31 })).toBe(30);
  const { results } = await db.txn({ do: [{ scan: all, minModRevision: 32, reverse: true }] });
  expect(results[0]).toMatchObject({ entries: [{ key: 'k12' }], more: false });
  await expect(db.count(all, { minModRevision: 0 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});
