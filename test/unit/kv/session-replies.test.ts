import { describe, expect, test } from 'vitest';

import { codeOf, Sessions } from './session-store.ts';
import { ALL, compact, increment, put, remove, Store } from './store.ts';

describe('what is kept', () => {
  test('is 1,024 sequences above the last acknowledged one', () => {
    const sessions = new Sessions();
    expect(codeOf(sessions.write(1_025, increment('n', 1n)))).toBe('TOO_MANY_UNACKNOWLEDGED');
    expect(sessions.write(1_024, increment('n', 1n))).toMatchObject({ value: 1n });
    expect(sessions.write(1_025, increment('n', 1n), { acknowledgedThrough: 1 })).toMatchObject({
      value: 2n,
    });
  });

  test('is bounded in bytes: of a session while there is room for all, and of all but for the shares', () => {
    const limits = { sessionsMax: 4, unacknowledgedMax: 100, sessionBytesMax: 4_000, allBytesMax: 8_000 };
    const sessions = new Sessions(limits);
    const kept = (session: bigint): number => {
      let sequence = 1;
      while (codeOf(sessions.write(sequence, put('a', ''), {}, session)) === 'put') sequence += 1;
      return sequence - 1;
    };
    // 256 bytes are charged for each, and 93 more for what a put's reply holds: 349.
    const [first, second, third] = [sessions.id, sessions.open(0), sessions.open(0)].map(kept);
    expect([first, second, third]).toEqual([12, 12, 6]);
    expect(codeOf(sessions.write(13, put('a', ''), { acknowledgedThrough: 12 }))).toBe('put');
  });

  test('leaves no trace once it is acknowledged, and the session is closed', () => {
    const [with_, without] = [new Sessions(), new Store()];
    with_.write(1, put('a', '1', { returnPrevious: true }));
    with_.write(2, put('a', '2', { returnPrevious: true }), { acknowledgedThrough: 1 });
    with_.resolve(7);
    without.run(put('a', '1'), put('a', '2'));
    expect(with_.store.machine.digest()).not.toBe(without.machine.digest());
    expect(with_.outside({ type: 'sessionClose', id: with_.id })).toMatchObject({ closed: true });
    expect(with_.outside({ type: 'sessionClose', id: with_.id })).toMatchObject({ closed: false });
    expect(with_.store.machine.digest()).toBe(without.machine.digest());
  });

  test('makes a difference to the digest in each of its parts', () => {
    const digests = [
      (each: Sessions) => each.write(1, compact(9)),
      (each: Sessions) => each.write(2, compact(9)),
      (each: Sessions) => each.write(2, compact(9), { acknowledgedThrough: 1 }),
      (each: Sessions) => each.write(1, remove(ALL)),
      (each: Sessions) => each.resolve(1),
      (each: Sessions) => each.open(0),
      (each: Sessions) => each.outside({ type: 'sessionClose', id: each.id }),
      () => undefined,
    ].map((act) => {
      const sessions = new Sessions();
      act(sessions);
      return sessions.store.machine.digest();
    });
    expect(new Set(digests).size).toBe(digests.length);
  });

  test('beside it a word that a request never takes effect has room, however much is kept', () => {
    const limits = { sessionsMax: 4, unacknowledgedMax: 100, sessionBytesMax: 300, allBytesMax: 8_000 };
    const sessions = new Sessions(limits);
    sessions.write(1, put('a', ''));
    expect(codeOf(sessions.write(2, put('a', '')))).toBe('TOO_MANY_UNACKNOWLEDGED');
    expect(sessions.resolve(2)).toMatchObject({ resolution: { type: 'never' } });
    expect(codeOf(sessions.resolve(101))).toBe('TOO_MANY_UNACKNOWLEDGED');
    expect(codeOf(sessions.write(2, put('a', '')))).toBe('RESOLVED_NEVER');
  });
});
