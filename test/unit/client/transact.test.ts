import { expect, test } from 'vitest';

import { connect, type Db, type Transaction } from '../../../src/client/index.ts';
import { StoreNode } from './store-node.ts';

async function withStore(use: (db: Db, store: StoreNode) => Promise<void>): Promise<void> {
  await using store = await StoreNode.start();
  await using db = await connect(store.node.url);
  await use(db, store);
}

async function move(tx: Transaction, from: string, to: string, amount: number): Promise<number> {
  const [source, target] = await tx.getMany([from, to]);
  const left = Number(source?.text() ?? 0) - amount;
  tx.put(from, String(left));
  tx.put(to, String(Number(target?.text() ?? 0) + amount));
  return left;
}

test('what was read and changed meanwhile makes the function run again, and nothing is lost', async () => {
  await withStore(async (db, store) => {
    store.put('a', '10');
    let meddled = 0;
    store.beforeWrite = () => {
      meddled += 1;
      if (meddled <= 3) store.put('a', String(10 + meddled));
    };
    let runs = 0;
    const left = await db.transact(async (tx) => {
      runs += 1;
      return await move(tx, 'a', 'b', 4);
    });
    expect([runs, left]).toEqual([4, 9]);
    expect((await db.getMany(['a', 'b'])).map((entry) => entry?.text())).toEqual(['9', '4']);
  });
});

test('a key that was absent when it was read is compared too', async () => {
  await withStore(async (db, store) => {
    let raced = false;
    store.beforeWrite = () => {
      if (!raced) store.put('lock', 'theirs');
      raced = true;
    };
    const holder = await db.transact(async (tx) => {
      const entry = await tx.get('lock');
      if (entry === undefined) tx.put('lock', 'ours');
      return entry?.text() ?? 'ours';
    });
    expect(holder).toBe('theirs');
    expect((await db.get('lock'))?.text()).toBe('theirs');
  });
});

test('all reads are of one revision, also those that begin together', async () => {
  await withStore(async (db, store) => {
    store.put('a', '1');
    store.put('b', '1');
    const seen = await db.transact(async (tx) => {
      const [a] = await Promise.all([tx.get('a'), tx.get('b')]);
      store.put('c', '2');
      return [a?.text(), await tx.get('c')];
    });
    expect(seen).toEqual(['1', undefined]);
    expect(store.asked.map((query) => (query.type === 'past' ? query.revision : 'present'))).toEqual([
      'present',
      3,
      3,
    ]);
  });
});

test('it gives up by attempts and by time, with nothing written', async () => {
  await withStore(async (db, store) => {
    let writes = 0;
    store.beforeWrite = () => store.put('a', String((writes += 1)));
    const stubborn = db.transact(async (tx) => await move(tx, 'a', 'b', 1), { attemptsMax: 3 });
    await expect(stubborn).rejects.toMatchObject({ code: 'CONFLICT', outcome: 'not-applied' });
    expect(writes).toBe(3);
    const hasty = db.transact(async (tx) => await move(tx, 'a', 'b', 1), { timeoutMs: 60, attemptsMax: 1e6 });
    await expect(hasty).rejects.toMatchObject({ code: expect.stringMatching(/TIMEOUT/) });
    expect(await db.get('b')).toBeUndefined();
  });
});

test('what the function throws ends it, a read after it is refused, and its own writes are seen', async () => {
  await withStore(async (db, store) => {
    const thrown = new RangeError('not enough');
    await expect(
      db.transact(async (tx) => {
        tx.put('a', '1');
        throw thrown;
      }),
    ).rejects.toBe(thrown);
    expect(store.revision).toBe(1);
    const kept = await db.transact(async (tx) => {
      tx.put('a', 'x');
      expect((await tx.get('a'))?.text()).toBe('x');
      tx.delete('a');
      expect(await tx.get('a')).toBeUndefined();
      tx.increment('n');
      tx.increment('n', 2n);
      expect(() => tx.put('n', '1')).toThrow(/both set and incremented/);
      return tx;
    });
    await expect(kept.get('a')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect((await db.get('n'))?.text()).toBe('3');
    expect('then' in kept).toBe(false);
  });
});

test('history that ends while it reads makes it run again', async () => {
  await withStore(async (db, store) => {
    store.put('a', '1');
    let runs = 0;
    const value = await db.transact(async (tx) => {
      runs += 1;
      await tx.get('a');
      if (runs === 1) {
        store.put('b', '2');
        store.apply({ type: 'compact', revision: store.revision });
      }
      return (await tx.get('b'))?.text();
    });
    expect([runs, value]).toEqual([2, '2']);
  });
});
