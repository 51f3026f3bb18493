import { expect, test } from 'vitest';

import type { Condition } from '../../../src/kv/operation.ts';
import { ALL, one, put, remove, Store, text } from './store.ts';

/** `a` is written twice: createRevision 2, modRevision 3, version 2. */
function twiceWritten(): Store {
  const store = new Store();
  store.run(put('a', 'first'), put('a', 'second'));
  return store;
}

const TABLE: readonly (readonly [
  what: string,
  conditions: readonly Condition[],
  onPresent: boolean,
  onAbsent: boolean,
])[] = [
  ['none', [], true, true],
  ['absent', [{ type: 'absent' }], false, true],
  ['present', [{ type: 'present' }], true, false],
  ['the revision it has', [{ type: 'revision', modRevision: 3 }], true, false],
  ['the revision it was created at', [{ type: 'revision', modRevision: 2 }], false, false],
  ['revision 0, which is no way to say absent', [{ type: 'revision', modRevision: 0 }], false, false],
  ['the version it has', [{ type: 'version', version: 2 }], true, false],
  ['another version', [{ type: 'version', version: 1 }], false, false],
  ['version 0, which is no way to say absent', [{ type: 'version', version: 0 }], false, false],
  ['two that hold', [{ type: 'present' }, { type: 'version', version: 2 }], true, false],
  [
    'one of two that holds',
    [
      { type: 'version', version: 2 },
      { type: 'revision', modRevision: 2 },
    ],
    false,
    false,
  ],
];

test.each(TABLE)('on a present key, condition %s: %#', (_what, conditions, onPresent) => {
  for (const operation of [put('a', 'new', { conditions }), remove(one('a'), { conditions })]) {
    const store = twiceWritten();
    const before = store.get('a');
    const reply = store.reply(operation);
    if (onPresent) {
      expect(reply).toMatchObject({ type: operation.type, revision: 4 });
      continue;
    }
    expect(reply).toEqual({ type: 'failure', revision: 3, failure: { code: 'CONFLICT', current: before } });
    expect(store.get('a')).toEqual(before);
  }
});

test.each(TABLE)('on an absent key, condition %s: %#', (_what, conditions, _onPresent, onAbsent) => {
  const conflict = { type: 'failure', revision: 3, failure: { code: 'CONFLICT', current: null } };
  const written = twiceWritten().reply(put('b', 'new', { conditions }));
  expect(written).toEqual(onAbsent ? { type: 'put', revision: 4, previous: null } : conflict);
  const removed = twiceWritten().reply(remove(one('b'), { conditions }));
  expect(removed).toEqual(onAbsent ? { type: 'delete', revision: 3, deleted: 0, previous: [] } : conflict);
});

test('a condition on a range never holds: it speaks of one record', () => {
  const store = twiceWritten();
  for (const type of ['present', 'absent'] as const) {
    const reply = store.reply(remove(ALL, { conditions: [{ type }] }));
    expect(reply).toEqual({ type: 'failure', revision: 3, failure: { code: 'CONFLICT', current: null } });
  }
  expect(store.machine.keyCount).toBe(1);
});

test('previous records are returned to those who ask, and to nobody else', () => {
  const store = twiceWritten();
  const before = store.get('a');
  expect(store.reply(put('a', 'third', { returnPrevious: true }))).toEqual({
    type: 'put',
    revision: 4,
    previous: before,
  });
  expect(store.reply(put('b', 'x', { returnPrevious: true }))).toMatchObject({ previous: null });
  expect(store.reply(put('b', 'y'))).toMatchObject({ previous: null });
  const removed = store.reply(remove(ALL, { returnPrevious: true }));
  if (removed.type !== 'delete') throw new Error('not the answer to a delete');
  expect(removed.deleted).toBe(2);
  expect(removed.previous.map(({ key, value }) => [text(key), text(value)])).toEqual([
    ['a', 'third'],
    ['b', 'y'],
  ]);
});
