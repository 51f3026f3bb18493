import { expect, test } from 'vitest';

import { compactionDue } from '../../../src/kv/index.ts';
import { compact, put, Store } from './store.ts';

/** A put a second: second s makes revision s + 2. */
function afterSeconds(seconds: number): Store {
  const store = new Store();
  for (let second = 0; second <= seconds; second++) store.runAt(second * 1_000, put('k', String(second)));
  return store;
}

test.each([
  ['nothing, when neither bound is reached', { keptMs: 200_000, keptRevisions: 200 }, null],
  ['by age, to what was there before the mark at 60 s', { keptMs: 40_000, keptRevisions: 200 }, 61],
  ['by number', { keptMs: 200_000, keptRevisions: 20 }, 82],
  ['whichever keeps less: by age', { keptMs: 10_000, keptRevisions: 50 }, 91],
  ['whichever keeps less: by number', { keptMs: 90_000, keptRevisions: 50 }, 52],
])('is due: %s', (_what, kept, due) => {
  const store = afterSeconds(100);
  expect(compactionDue(store.machine.history, kept)).toBe(due);
});

test('is done once: what was proposed and applied is not due again', () => {
  const store = afterSeconds(100);
  const kept = { keptMs: 40_000, keptRevisions: 200 };
  store.runAt(100_000, compact(compactionDue(store.machine.history, kept) ?? 0));
  expect(compactionDue(store.machine.history, kept)).toBe(null);
  expect(compactionDue(new Store().machine.history, kept)).toBe(null);
});
