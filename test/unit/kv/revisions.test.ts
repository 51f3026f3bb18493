import { expect, test } from 'vitest';

import { State } from '../../../src/kv/state.ts';
import { ALL, between, increment, one, put, remove, Store } from './store.ts';

test('an empty store is at revision 1 and its first write makes 2', () => {
  const store = new Store();
  expect(store.machine.revision).toBe(1);
  expect(store.reply(put('a', 'x'))).toEqual({ type: 'put', revision: 2, previous: null });
  expect(store.machine.revision).toBe(2);
});

test('each operation that changes something takes one revision, a range of many keys too', () => {
  const store = new Store();
  const replies = store.run(
    put('a', '1'),
    put('b', '1'),
    put('c', '1'),
    remove(between('a', 'c')),
    put('d', '1'),
  );
  expect(replies.map((reply) => reply.revision)).toEqual([2, 3, 4, 5, 6]);
});

test('an operation that changes several things makes one revision for all of them', () => {
  const state = new State();
  const revisions = [0, 1].map((ordinal) => {
    state.beginOperation(ordinal);
    return [state.revisionOfChange(), state.revisionOfChange()];
  });
  expect(revisions).toEqual([
    [2, 2],
    [3, 3],
  ]);
});

test('what changes nothing takes no revision and answers with the present one', () => {
  const store = new Store();
  store.run(put('n', '7'), put('t', 'text'));
  const digest = store.machine.digest();
  const replies = store.run(
    remove(one('absent')),
    remove(between('x', 'z')),
    remove(between('t', 'n')),
    put('n', '8', { conditions: [{ type: 'absent' }] }),
    remove(one('n'), { conditions: [{ type: 'version', version: 2 }] }),
    increment('n', 0n),
    increment('t', 1n),
    increment('n', 2n ** 63n - 1n),
  );
  expect(replies.map((reply) => reply.revision)).toEqual(replies.map(() => 3));
  expect(store.machine.revision).toBe(3);
  expect(store.machine.digest()).toBe(digest);
});

test('a put of the value that stands there is a change', () => {
  const store = new Store();
  store.run(put('a', 'same'), put('a', 'same'));
  expect(store.get('a')).toMatchObject({ createRevision: 2, modRevision: 3, version: 2 });
});

test('version counts the puts and increments of one life, and a delete ends the life', () => {
  const store = new Store();
  store.run(put('n', '1'), increment('n', 1n), put('n', '5'));
  expect(store.get('n')).toMatchObject({ createRevision: 2, modRevision: 4, version: 3 });
  store.run(remove(one('n')), increment('n', 1n));
  expect(store.get('n')).toMatchObject({ createRevision: 6, modRevision: 6, version: 1 });
  store.run(remove(ALL), put('n', '1'));
  expect(store.get('n')).toMatchObject({ createRevision: 8, modRevision: 8, version: 1 });
});

test('entries are applied in order and without a gap; anything else stops the process', () => {
  const store = new Store();
  store.run(put('a', '1'));
  for (const index of [1, 0, 3]) {
    expect(() => store.machine.apply(index, 0, [])).toThrow(/in order, without a gap/u);
  }
  expect(store.machine.appliedIndex).toBe(1);
});

test('an entry without requests moves the applied index and nothing else', () => {
  const store = new Store();
  store.runAt(500, put('a', '1'));
  const digest = store.machine.digest();
  expect(store.machine.apply(2, 0, [])).toEqual([]);
  expect(store.machine).toMatchObject({ appliedIndex: 2, revision: 2, clusterTimeMs: 500, keyCount: 1 });
  expect(store.machine.digest()).toBe(digest);
});

test('cluster time is the highest stamp so far and never goes back', () => {
  const store = new Store();
  const seen = [100, 90, 0, 250, 249].map((stamp) => {
    store.runAt(stamp);
    return store.machine.clusterTimeMs;
  });
  expect(seen).toEqual([100, 100, 100, 250, 250]);
});
