import { describe, expect, test } from 'vitest';

import type { Operation, Reply } from '../../../src/kv/index.ts';
import { codeOf, open, Sessions, TERM, TTL_MS } from './session-store.ts';
import { ALL, between, bytes, increment, put, remove, request, Store } from './store.ts';

const expire = (sessions: Sessions, atMs: number, term = TERM): Reply =>
  sessions.outside({ type: 'sessionExpire', ids: [sessions.id], term: TERM }, atMs, term);

describe('a request that comes again', () => {
  test('gets the reply that it got, and changes nothing', () => {
    const sessions = new Sessions();
    const first = sessions.write(1, increment('n', 5n));
    const [digest, revision] = [sessions.store.machine.digest(), sessions.store.machine.revision];
    sessions.write(2, put('a', '1'));
    const other = sessions.store.machine.digest();
    expect(sessions.write(1, increment('n', 5n))).toEqual(first);
    expect(sessions.store.machine.digest()).toBe(other);
    expect(other).not.toBe(digest);
    expect(sessions.store.machine.revision).toBe(revision + 1);
    expect(sessions.store.machine.history.eventCount).toBe(2);
  });

  test('gets a refusal again too, though it would succeed by now', () => {
    const sessions = new Sessions();
    sessions.store.run(put('a', '1'));
    const refused = sessions.write(1, put('a', '2', { conditions: [{ type: 'absent' }] }));
    sessions.store.run(remove(ALL));
    expect(codeOf(refused)).toBe('CONFLICT');
    expect(sessions.write(1, put('a', '2', { conditions: [{ type: 'absent' }] }))).toEqual(refused);
    expect(sessions.store.get('a')).toBeNull();
  });

  test('is done once each in two sessions, and as often as it comes in none', () => {
    const sessions = new Sessions();
    const other = sessions.open(0);
    for (const session of [sessions.id, other, sessions.id, other, 0n, 0n]) {
      sessions.write(1, increment('n', 1n), {}, session);
    }
    expect(sessions.store.reply(increment('n', 0n))).toMatchObject({ value: 4n });
  });

  test('may come before one with a lower sequence', () => {
    const sessions = new Sessions();
    const third = sessions.write(3, put('a', '3'));
    expect(codeOf(sessions.write(1, put('a', '1')))).toBe('put');
    expect(sessions.write(3, put('a', '3'))).toEqual(third);
    expect(sessions.store.get('a')).toMatchObject({ version: 2 });
  });

  test('gets all of a large reply, with bytes of its own', () => {
    const sessions = new Sessions();
    const block = Buffer.alloc(1 << 16);
    const value = new Uint8Array(block.buffer, block.byteOffset + 8, 3).fill(7);
    const given: Operation = { type: 'put', key: bytes('a'), value, conditions: [], returnPrevious: true };
    sessions.store.run(given);
    sessions.write(1, given);
    const again = sessions.write(1, given);
    if (again.type !== 'put' || again.previous === null) throw new Error('no previous record');
    expect([...again.previous.value]).toEqual([7, 7, 7]);
    expect(again.previous.value.buffer.byteLength).toBe(3);
  });

  test('after its reply was acknowledged is refused and cannot be done', () => {
    const sessions = new Sessions();
    sessions.write(1, increment('n', 1n));
    sessions.write(2, increment('n', 1n), { acknowledgedThrough: 1 });
    const again = sessions.write(1, increment('n', 1n));
    expect(again).toMatchObject({ failure: { code: 'SEQUENCE_ACKNOWLEDGED', acknowledgedThrough: 1 } });
    expect(codeOf(sessions.write(0, increment('n', 1n)))).toBe('SEQUENCE_ACKNOWLEDGED');
    expect(sessions.store.reply(increment('n', 0n))).toMatchObject({ value: 2n });
  });

  test('acknowledges again what an older copy acknowledges less of: that counts for nothing', () => {
    const sessions = new Sessions();
    sessions.write(3, increment('n', 1n), { acknowledgedThrough: 2 });
    sessions.write(4, increment('n', 1n), { acknowledgedThrough: 0 });
    expect(codeOf(sessions.write(2, increment('n', 1n)))).toBe('SEQUENCE_ACKNOWLEDGED');
  });

  test('cannot acknowledge its own reply', () => {
    const sessions = new Sessions();
    const first = sessions.write(1, increment('n', 1n), { acknowledgedThrough: 9 });
    expect(sessions.write(1, increment('n', 1n), { acknowledgedThrough: 9 })).toEqual(first);
  });
});

describe('a request that is resolved', () => {
  test('was done: its reply comes again, a refusal too', () => {
    const sessions = new Sessions();
    const reply = sessions.write(1, increment('n', 3n));
    const refused = sessions.write(2, put('n', '', { conditions: [{ type: 'absent' }] }));
    expect(sessions.resolve(1)).toMatchObject({ resolution: { type: 'applied', reply } });
    expect(sessions.resolve(2)).toMatchObject({ resolution: { type: 'applied', reply: refused } });
  });

  test('was not done: it never is, however often it is asked or comes', () => {
    const sessions = new Sessions();
    for (let time = 0; time < 2; time += 1) {
      expect(sessions.resolve(1)).toMatchObject({ resolution: { type: 'never' } });
      expect(codeOf(sessions.write(1, increment('n', 3n)))).toBe('RESOLVED_NEVER');
    }
    expect(sessions.store.get('n')).toBeNull();
    expect(sessions.write(2, increment('n', 3n))).toMatchObject({ value: 3n });
  });

  test('has no answer when it was acknowledged, is too far ahead, or has no session', () => {
    const sessions = new Sessions();
    sessions.write(2, increment('n', 3n), { acknowledgedThrough: 1 });
    const codes = [sessions.resolve(1), sessions.resolve(1_026), sessions.resolve(1, 77n)].map(codeOf);
    expect(codes).toEqual(['SEQUENCE_ACKNOWLEDGED', 'TOO_MANY_UNACKNOWLEDGED', 'SESSION_EXPIRED']);
  });
});

describe('a session', () => {
  test('has an id from its place in the log', () => {
    const { machine } = new Store();
    const replies = machine.apply(1, 0, [request(open), request(open)]);
    expect(replies).toMatchObject([{ session: 1n << 20n }, { session: (1n << 20n) + 1n }]);
    expect(machine.sessionCount).toBe(2);
  });

  test('ends when its deadline has come, not a millisecond before', () => {
    const sessions = new Sessions();
    const { machine } = sessions.store;
    expect(machine.sessionsDue(TTL_MS - 1, 9)).toEqual([]);
    expect(machine.sessionsDue(TTL_MS, 9)).toEqual([sessions.id]);
    expect(expire(sessions, TTL_MS - 1)).toMatchObject({ expired: [] });
    expect(expire(sessions, TTL_MS)).toMatchObject({ expired: [sessions.id] });
    expect(codeOf(sessions.write(1, increment('n', 1n)))).toBe('SESSION_EXPIRED');
    expect(sessions.store.get('n')).toBeNull();
  });

  test('is ended by nobody who leads no more: the term of the entry decides', () => {
    const sessions = new Sessions();
    expect(expire(sessions, TTL_MS, TERM + 1)).toMatchObject({ expired: [] });
    const { machine } = sessions.store;
    const end = request({ type: 'sessionExpire', ids: [sessions.id], term: TERM });
    expect(machine.apply(machine.appliedIndex + 1, TTL_MS, [end])).toMatchObject([{ expired: [] }]);
    expect(codeOf(sessions.write(1, increment('n', 1n)))).toBe('increment');
  });

  test('that is renewed first lives on: the order of the log decides', () => {
    const sessions = new Sessions();
    const renewed = sessions.outside({ type: 'sessionRenew', ids: [5n, sessions.id] }, TTL_MS + 50);
    expect(renewed).toMatchObject({ ttlsMs: [0, TTL_MS] });
    expect(expire(sessions, TTL_MS + 60)).toMatchObject({ expired: [] });
    expect(sessions.store.machine.sessionsDue(2 * TTL_MS + 49, 9)).toEqual([]);
    expect(expire(sessions, 2 * TTL_MS + 50)).toMatchObject({ expired: [sessions.id] });
    expect(sessions.outside({ type: 'sessionRenew', ids: [sessions.id] })).toMatchObject({ ttlsMs: [0] });
  });

  test('is due in the order of deadlines, as many as are asked for, as often as it is asked', () => {
    const sessions = new Sessions();
    const [second, third] = [sessions.open(1), sessions.open(2)];
    sessions.outside({ type: 'sessionRenew', ids: [sessions.id] }, 3);
    const { machine } = sessions.store;
    for (let time = 0; time < 2; time += 1) {
      expect(machine.sessionsDue(9_999, 2)).toEqual([second, third]);
      expect(machine.sessionsDue(9_999, 9)).toEqual([second, third, sessions.id]);
    }
  });

  test('is one of 10,000: one more evicts the one with the oldest deadline, of equals the least id', () => {
    const sessions = new Sessions();
    const second = sessions.open(0);
    for (let count = 2; count < 10_000; count += 1) sessions.open(5);
    sessions.outside({ type: 'sessionRenew', ids: [sessions.id] }, 6);
    expect(codeOf(sessions.write(1, increment('n', 1n), {}, second))).toBe('increment');
    sessions.open(6);
    expect(sessions.store.machine.sessionCount).toBe(10_000);
    expect(codeOf(sessions.write(1, increment('n', 1n), {}, second))).toBe('SESSION_EXPIRED');
    expect(codeOf(sessions.write(1, increment('n', 1n)))).toBe('increment');
    const next = sessions.store.machine.sessionsDue(9_999, 1);
    sessions.open(6);
    expect(codeOf(sessions.resolve(1, next[0]))).toBe('SESSION_EXPIRED');
  });

  test('is not what an operation on sessions stands in', () => {
    const sessions = new Sessions();
    const closed = sessions.write(1, { type: 'sessionClose', id: sessions.id });
    expect(closed).toMatchObject({ closed: true });
    expect(codeOf(sessions.write(1, open, {}, 99n))).toBe('sessionOpen');
  });

  test('keeps the reply of a transaction whole', () => {
    const sessions = new Sessions();
    const steps = [
      { type: 'put', key: bytes('a'), value: bytes('1'), conditions: [], returnPrevious: true },
      { type: 'get', keys: [bytes('a'), bytes('b')] },
      { type: 'scan', range: between('a', 'z'), limit: 0, reverse: false, keysOnly: false, countOnly: false },
    ] as const;
    const txn: Operation = { type: 'txn', when: [], do: steps, otherwise: [] };
    const reply = sessions.write(1, txn);
    expect(codeOf(reply)).toBe('txn');
    expect(sessions.write(1, txn)).toEqual(reply);
  });
});
