import { expect, test } from 'vitest';

import { ALL, between, bytes, compact, increment, one, put, remove, SCAN, Store, text } from './store.ts';

/** Revisions 2 to 6: a = 1, b = 1, a = 2, b gone, c = 1. */
function history(): Store {
  const store = new Store();
  store.run(put('a', '1'), put('b', '1'), put('a', '2'), remove(one('b')), put('c', '1'));
  return store;
}

/** Like `a=2 c=1`, or why not. */
function stateAt(store: Store, revision: number): string {
  const answer = store.past(revision, { ...SCAN, range: ALL });
  if (answer.type === 'failure') return answer.failure.code;
  if (answer.type !== 'past' || answer.result.type !== 'scan') throw new Error('not the answer to a scan');
  return answer.result.records.map(({ key, value }) => `${text(key)}=${text(value)}`).join(' ');
}

test('each revision reads as it was, the empty store at 1 too', () => {
  const store = history();
  const states = [1, 2, 3, 4, 5, 6, 7].map((revision) => stateAt(store, revision));
  expect(states).toEqual(['', 'a=1', 'a=1 b=1', 'a=2 b=1', 'a=2', 'a=2 c=1', 'FUTURE_REVISION']);
});

test.each([
  ['a put', 3, 'COMPACTED', 'a=1 b=1', 'a=2 b=1'],
  ['a deletion', 5, 'COMPACTED', 'a=2', 'a=2 c=1'],
  ['the present', 6, 'COMPACTED', 'a=2 c=1', 'FUTURE_REVISION'],
])('a floor at %s is readable itself, and nothing below it is', (_what, floor, below, at, above) => {
  const store = history();
  expect(store.reply(compact(floor))).toEqual({ type: 'compact', revision: 6, floor });
  const read = (): string[] => [floor - 1, floor, floor + 1].map((revision) => stateAt(store, revision));
  expect(read()).toEqual([below, at, above]);
  store.machine.cleanUp(Number.POSITIVE_INFINITY);
  expect(read()).toEqual([below, at, above]);
});

test('a compaction is refused at the floor, below it and above the present, and takes no revision', () => {
  const store = history();
  const [first, again, lower, future] = store.run(compact(4), compact(4), compact(2), compact(7));
  expect(first).toEqual({ type: 'compact', revision: 6, floor: 4 });
  const refused = { type: 'failure', revision: 6, failure: { code: 'COMPACTED', floor: 4 } };
  expect([again, lower]).toEqual([refused, refused]);
  expect(future).toMatchObject({ failure: { code: 'FUTURE_REVISION', revision: 6 } });
  expect(store.machine.history).toMatchObject({ floor: 4, revision: 6 });
});

test('what is cleaned up is bounded by the caller, and ends at the events of the floor itself', () => {
  const store = history();
  store.run(compact(5));
  const counts = [2, 2, 2].map((eventsMax) => store.machine.cleanUp(eventsMax));
  // Revisions 2, 3 and 4 go; 5, the deletion at the floor, and 6 stay.
  expect(counts).toEqual([2, 1, 0]);
  expect(store.machine.history.eventCount).toBe(2);
});

test('a key that comes and goes is found in each of its lives', () => {
  const store = new Store();
  for (let life = 0; life < 200; life++) store.run(put('k', String(life)), remove(one('k')));
  for (let life = 0; life < 200; life++) {
    expect(stateAt(store, 2 + 2 * life)).toBe(`k=${life}`);
    expect(stateAt(store, 3 + 2 * life)).toBe('');
  }
  store.run(compact(300));
  store.machine.cleanUp(Number.POSITIVE_INFINITY);
  expect([299, 300, 301, 400].map((revision) => stateAt(store, revision))).toEqual([
    'COMPACTED',
    'k=149',
    '',
    'k=199',
  ]);
});

/** 100 increments and another put in turn. */
function expected(revision: number): string {
  return `n=${revision - 1 - Math.floor((revision - 1) / 101)}`;
}

test('a key changed very often is read at any revision, over many pages of events and after some are gone', () => {
  const store = new Store();
  for (let entry = 0; entry < 300; entry++) {
    store.run(...Array.from({ length: 100 }, () => increment('n', 1n)), put(`other ${entry % 7}`, ''));
  }
  const counterAt = (revision: number): string => stateAt(store, revision).split(' ')[0] ?? '';
  for (let revision = 2; revision <= 30_301; revision += 997) {
    expect(counterAt(revision)).toBe(expected(revision));
  }
  store.run(compact(12_345));
  while (store.machine.cleanUp(1_000) > 0);
  for (let revision = 12_345; revision <= 30_301; revision += 499) {
    expect(counterAt(revision)).toBe(expected(revision));
  }
});

test('a page of the past looks at a bounded number of keys and says where to go on', () => {
  const store = new Store();
  store.run(put('z', 'then'));
  const { revision } = store.machine;
  store.run(...Array.from({ length: 20 }, (_, i) => put(`k${String(i).padStart(2, '0')}`, 'later')));
  const limits = { pageRecordsMax: 2, pageBytesMax: 1 << 20 };
  const first = store.past(revision, { ...SCAN, range: ALL }, limits);
  expect(first).toEqual({
    type: 'past',
    result: { type: 'scan', records: [], count: 0, more: true },
    resume: bytes('k07'),
  });
  const last = store.past(revision, { ...SCAN, range: between('k15\0', '') }, limits);
  expect(last).toMatchObject({ result: { count: 1, more: false }, resume: null });
  const counted = store.past(revision, { ...SCAN, range: between('k15\0', ''), countOnly: true }, limits);
  expect(counted).toMatchObject({ result: { records: [], count: 1 }, resume: null });
});

test.each([false, true])(
  'no page of the past tells whether clean-up has been here (reverse: %s)',
  (reverse) => {
    const [swept, dusty] = [new Store(), new Store()];
    for (const store of [swept, dusty]) {
      store.run(...['a', 'b', 'c', 'd', 'e'].map((key) => put(key, 'then')));
      store.run(remove(one('b')), remove(one('c')), remove(one('d')));
      store.run(put('z', 'now'), compact(store.machine.revision));
    }
    while (swept.machine.cleanUp(1_000) > 0);
    const { floor } = dusty.machine.history;
    for (const pageRecordsMax of [1, 2, 3]) {
      const limits = { pageRecordsMax, pageBytesMax: 1 << 20 };
      const query = { ...SCAN, range: ALL, limit: 1, reverse };
      expect(dusty.past(floor, query, limits)).toEqual(swept.past(floor, query, limits));
      const resume = reverse ? bytes('e') : bytes('a');
      expect(dusty.past(floor, query, limits)).toMatchObject({ result: { count: 1, more: true }, resume });
    }
  },
);

test('a leader learns which revision an age means, never one that is younger', () => {
  const store = new Store();
  for (let second = 0; second <= 100; second++) store.runAt(second * 1_000, put('k', String(second)));
  const { history: info } = store.machine;
  // Second s makes revision s + 2. A mark is set every ten seconds, before what that second brings.
  expect([-1, 0, 9_999, 10_000, 55_000, 100_000].map((timeMs) => info.revisionAt(timeMs))).toEqual([
    0, 1, 1, 11, 51, 101,
  ]);
});

test('marks of time stay few, however long nothing is compacted', () => {
  const store = new Store();
  const hourMs = 3_600_000;
  for (let hour = 0; hour < 3_000; hour++) store.runAt(hour * hourMs, put('k', String(hour)));
  const revision = store.machine.history.revisionAt(1_500 * hourMs);
  expect(revision).toBeGreaterThan(1_490);
  expect(revision).toBeLessThanOrEqual(1_501);
});
