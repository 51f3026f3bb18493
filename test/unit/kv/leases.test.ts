import { describe, expect, test } from 'vitest';

import { createStateMachine, type Operation, type Reply } from '../../../src/kv/index.ts';
import type { LeaseResult, PutOperation, TxnOperation } from '../../../src/kv/operation.ts';
import { ALL, bytes, increment, one, PAGE, put, remove, request, Store, text } from './store.ts';

const TERM = 4;
const TTL_MS = 1_000;

/** A store at cluster time 0 with lease 5 for a second. */
class Leases extends Store {
  constructor() {
    super(createStateMachine());
    this.at(0, { type: 'leaseGrant', id: 5n, ttlMs: TTL_MS });
  }

  at(atMs: number, operation: Operation, term = TERM): Reply {
    const { machine } = this;
    const [reply] = machine.apply(machine.appliedIndex + 1, atMs, [request(operation)], term);
    if (reply === undefined) throw new Error('an operation without a reply');
    return reply;
  }

  put(key: string, lease: PutOperation['lease'] = 5n): Reply {
    return this.at(0, hanging(key, lease));
  }

  /** On no lease. */
  free(key: string): Reply {
    return this.at(0, hanging(key, undefined));
  }

  keysOf(id: bigint): string[] {
    const result = this.machine.query({ type: 'leaseInspect', id }, PAGE);
    return result.type === 'leaseInspect' ? result.keys.map(text) : [];
  }

  list(after: bigint | null, limit: number): Extract<LeaseResult, { type: 'leaseList' }> {
    const result = this.machine.query({ type: 'leaseList', after, limit }, PAGE);
    if (result.type !== 'leaseList') throw new Error('no list');
    return result;
  }
}

function hanging(key: string, lease: PutOperation['lease']): PutOperation {
  const plain = {
    type: 'put',
    key: bytes(key),
    value: bytes(''),
    conditions: [],
    returnPrevious: false,
  } as const;
  return lease === undefined ? plain : { ...plain, lease };
}

const expireOf = (ids: readonly bigint[], term = TERM): Operation => ({ type: 'leaseExpire', ids, term });

function codeOf(reply: Reply): string {
  return reply.type === 'failure' ? reply.failure.code : reply.type;
}

describe('a lease', () => {
  test('is granted under the id that was chosen, or one from the place in the log that is free', () => {
    const store = new Leases();
    store.at(0, { type: 'leaseGrant', id: 3n << 20n, ttlMs: 100 });
    expect(store.at(0, { type: 'leaseGrant', id: 0n, ttlMs: 100 })).toMatchObject({
      lease: (3n << 20n) + 1n,
    });
    expect(store.at(0, { type: 'leaseGrant', id: 5n, ttlMs: 100 })).toMatchObject({
      failure: { code: 'LEASE_EXISTS', lease: 5n },
    });
    expect(store.machine.leaseCount).toBe(3);
    expect(store.machine.revision).toBe(1);
  });

  test('that is revoked takes its keys with it, in key order, as one revision', () => {
    const store = new Leases();
    for (const key of ['b', 'c', 'a']) store.put(key);
    store.free('free');
    expect(store.at(0, { type: 'leaseRevoke', id: 5n })).toEqual({
      type: 'leaseRevoke',
      revision: 6,
      deleted: 3,
    });
    expect(store.keys(ALL)).toEqual(['free']);
    const before = store.past(5, { type: 'get', keys: [bytes('a')] });
    expect(before).toMatchObject({ result: { records: [{ lease: 5n }] } });
    expect(codeOf(store.at(0, { type: 'leaseRevoke', id: 5n }))).toBe('LEASE_NOT_FOUND');
    expect(store.machine.leaseCount).toBe(0);
  });

  test('without keys ends without a revision, and leaves no trace', () => {
    const [store, without] = [new Leases(), new Store()];
    without.run(put('a', ''));
    store.run(put('a', ''));
    expect(store.machine.digest()).not.toBe(without.machine.digest());
    expect(store.at(0, { type: 'leaseRevoke', id: 5n })).toMatchObject({ revision: 2, deleted: 0 });
    expect(store.machine.digest()).toBe(without.machine.digest());
  });

  test('ends when its deadline has come, not a millisecond before', () => {
    const store = new Leases();
    store.put('a');
    expect(store.machine.leasesDue(TTL_MS - 1, 9)).toEqual([]);
    expect(store.machine.leasesDue(TTL_MS, 9)).toEqual([5n]);
    expect(store.at(TTL_MS - 1, expireOf([5n]))).toMatchObject({ expired: [], deleted: 0, revision: 2 });
    expect(store.get('a')).not.toBeNull();
    expect(store.at(TTL_MS, expireOf([5n, 5n, 6n]))).toMatchObject({
      expired: [5n],
      deleted: 1,
      revision: 3,
    });
    expect(store.get('a')).toBeNull();
  });

  test('is ended by nobody who leads no more: the term of the entry decides', () => {
    const store = new Leases();
    store.put('a');
    expect(store.at(TTL_MS, expireOf([5n]), TERM + 1)).toMatchObject({ expired: [] });
    const { machine } = store;
    const withoutTerm = machine.apply(machine.appliedIndex + 1, TTL_MS, [request(expireOf([5n]))]);
    expect(withoutTerm).toMatchObject([{ expired: [] }]);
    expect(store.get('a')).not.toBeNull();
  });

  test('that is renewed after its deadline and before its end lives on for all of its time', () => {
    const store = new Leases();
    store.put('a');
    const renewed = store.at(TTL_MS + 50, { type: 'leaseRenew', ids: [6n, 5n, 5n] });
    expect(renewed).toMatchObject({ ttlsMs: [0, TTL_MS, TTL_MS], revision: 2 });
    expect(store.at(2 * TTL_MS + 49, expireOf([5n]))).toMatchObject({ expired: [] });
    expect(store.at(2 * TTL_MS + 50, expireOf([5n]))).toMatchObject({ expired: [5n] });
    expect(store.at(0, { type: 'leaseRenew', ids: [5n] })).toMatchObject({ ttlsMs: [0] });
  });

  test('tells how long it lives and what hangs on it', () => {
    const store = new Leases();
    store.put('b');
    store.put('a');
    store.runAt(400);
    const lease = { id: 5n, ttlMs: TTL_MS, remainingMs: 600, keyCount: 2 };
    const inspected = store.machine.query({ type: 'leaseInspect', id: 5n }, { ...PAGE, pageRecordsMax: 1 });
    expect(inspected).toEqual({ type: 'leaseInspect', lease, keys: [bytes('a')] });
    store.runAt(5_000);
    expect(store.list(null, 0)).toMatchObject({ leases: [{ remainingMs: 0 }], more: false });
    expect(store.machine.query({ type: 'leaseInspect', id: 6n }, PAGE)).toMatchObject({ lease: null });
  });

  test('is listed in the order of ids, page after page', () => {
    const store = new Leases();
    const ids = [2n ** 63n - 1n, -1n, -(2n ** 63n), 256n];
    for (const id of ids) store.at(0, { type: 'leaseGrant', id, ttlMs: 100 });
    const pages = [store.list(null, 2), store.list(-1n, 2), store.list(256n, 2)];
    expect(pages.map(({ leases }) => leases.map(({ id }) => id))).toEqual([
      [-(2n ** 63n), -1n],
      [5n, 256n],
      [2n ** 63n - 1n],
    ]);
    expect(pages.map(({ more }) => more)).toEqual([true, true, false]);
  });
});

describe('a key', () => {
  test('hangs on no lease that is not there', () => {
    const store = new Leases();
    expect(store.put('a', 6n)).toMatchObject({ failure: { code: 'LEASE_NOT_FOUND', lease: 6n } });
    expect(store.machine.revision).toBe(1);
    expect(codeOf(store.put('a', 0n))).toBe('put');
    expect(store.get('a')).toMatchObject({ lease: 0n });
  });

  test('leaves its lease with a put, unless the put keeps it or names one', () => {
    const store = new Leases();
    store.at(0, { type: 'leaseGrant', id: -7n, ttlMs: 100 });
    for (const key of ['none', 'kept', 'moved', 'counter']) store.put(key);
    store.free('none');
    store.put('kept', 'keep');
    store.put('moved', -7n);
    store.put('new', 'keep');
    expect(store.keysOf(5n)).toEqual(['counter', 'kept']);
    expect(store.keysOf(-7n)).toEqual(['moved']);
    expect(store.get('new')).toMatchObject({ lease: 0n });
    store.at(0, { type: 'leaseRevoke', id: 5n });
    expect(store.keys(ALL)).toEqual(['moved', 'new', 'none']);
  });

  test('keeps its lease when it is counted', () => {
    const store = new Leases();
    store.run(increment('n', 1n));
    store.run({ ...hanging('n', 5n), value: bytes('1') }, increment('n', 1n));
    expect(store.get('n')).toMatchObject({ value: bytes('2'), lease: 5n });
    expect(store.keysOf(5n)).toEqual(['n']);
  });

  test('leaves its lease when it is deleted, alone or in a range', () => {
    const store = new Leases();
    for (const key of ['a', 'b', 'c']) store.put(key);
    store.run(remove(one('b')));
    expect(store.keysOf(5n)).toEqual(['a', 'c']);
    store.run(remove(ALL), put('a', ''));
    expect(store.keysOf(5n)).toEqual([]);
    store.at(0, { type: 'leaseRevoke', id: 5n });
    expect(store.keys(ALL)).toEqual(['a']);
  });

  test('hangs where it hung when a transaction is undone', () => {
    const store = new Leases();
    for (const key of ['a', 'b']) store.put(key);
    store.free('c');
    const digest = store.machine.digest();
    const steps: TxnOperation['do'] = [
      hanging('a', undefined),
      { type: 'delete', target: one('b'), conditions: [], returnPrevious: false },
      hanging('c', 5n),
      hanging('d', 5n),
      hanging('e', 6n),
    ];
    expect(store.reply({ type: 'txn', when: [], do: steps, otherwise: [] })).toMatchObject({
      failure: { code: 'TXN_FAILED', at: 'do[4]', cause: { code: 'LEASE_NOT_FOUND', lease: 6n } },
    });
    expect(store.keysOf(5n)).toEqual(['a', 'b']);
    expect(store.machine.digest()).toBe(digest);
    expect(store.reply({ type: 'txn', when: [], do: steps.slice(0, 4), otherwise: [] })).toMatchObject({
      revision: 5,
    });
    expect(store.keysOf(5n)).toEqual(['c', 'd']);
  });
});

describe('20,000 leases that end together', () => {
  test('are proposed in bounded pieces, each of them whole and a revision of its own', () => {
    const { machine } = new Store();
    const count = 20_000;
    const ids = Array.from({ length: count }, (_, place) => BigInt(place + 1));
    machine.apply(
      1,
      0,
      ids.map((id) => request({ type: 'leaseGrant', id, ttlMs: 100 })),
    );
    machine.apply(
      2,
      0,
      ids.map((id) => request(hanging(`k${id}`, id))),
    );
    let pieces = 0;
    for (;;) {
      const due = machine.leasesDue(100, 512);
      if (due.length === 0) break;
      expect(due.length).toBe(Math.min(256, machine.leaseCount));
      machine.apply(machine.appliedIndex + 1, 100, [request(expireOf(due))], TERM);
      pieces += 1;
    }
    expect(pieces).toBe(Math.ceil(count / 256));
    expect([machine.leaseCount, machine.keyCount, machine.revision]).toEqual([0, 0, 1 + 2 * count]);
  });

  test('are proposed one by one where one alone has more keys than a piece', () => {
    const store = new Leases();
    for (const key of ['a', 'b', 'c']) store.put(key);
    store.at(0, { type: 'leaseGrant', id: 6n, ttlMs: TTL_MS });
    expect(store.machine.leasesDue(TTL_MS, 2)).toEqual([5n]);
    expect(store.machine.leasesDue(TTL_MS, 5)).toEqual([5n, 6n]);
  });
});
