import { expect, test } from 'vitest';
import type { Operation } from '../../../../src/kv/operation.ts';
import { checkLeaseTimes } from '../../../../src/sim/laws/lease-times.ts';
import type { TimedEntry } from '../../../../src/sim/laws/lease-times.ts';
import { request } from '../../kv/store.ts';

const TTL_MS = 1_000;
const LEASE = 7n;
const GRANT: Operation = { type: 'leaseGrant', id: LEASE, ttlMs: TTL_MS };
const RENEW: Operation = { type: 'leaseRenew', ids: [LEASE] };
const MARK: Operation = { type: 'leaseRenew', ids: [] };
const soundClocks = (): number => 0;
const halfCalm = (fromMs: number, toMs: number): number => (toMs - fromMs) / 2;
const allCalm = (fromMs: number, toMs: number): number => toMs - fromMs;

function expiry(term: number): Operation {
  return { type: 'leaseExpire', ids: [LEASE], term };
}

/** A log with one entry each: when it was committed, which is its stamp as well, in which term, and what it is. */
function logOf(
  ...entries: readonly (readonly [atMs: number, term: number, operation: Operation])[]
): TimedEntry[] {
  return entries.map(([atMs, term, operation], at) => ({
    index: at + 1,
    term,
    atMs,
    clusterTimeMs: atMs,
    requests: [request(operation)],
  }));
}

/** Marks of one term every 250 ms. */
function marks(fromMs: number, toMs: number, term = 1): (readonly [number, number, Operation])[] {
  const count = Math.floor((toMs - fromMs) / 250);
  return Array.from({ length: count }, (_, at) => [fromMs + 250 * (at + 1), term, MARK] as const);
}

test('a lease that ends when its time is over is in time, and the law says by how much it was late', () => {
  const log = logOf([0, 1, GRANT], ...marks(0, 1_000), [1_050, 1, expiry(1)]);
  expect(checkLeaseTimes(log, allCalm, soundClocks)).toEqual({ ended: 1, lateMsMax: 50 });
});

test('a lease that a leader leaves alone for more than a second after its time is a breach', () => {
  const log = logOf([0, 1, GRANT], ...marks(0, 2_000), [2_050, 1, expiry(1)]);
  expect(() => checkLeaseTimes(log, allCalm, soundClocks)).toThrow(
    'a lease ends in time is broken at 2050.0 ms: lease 7 of 1000 ms ended 1050.0 ms late, while there was a leader',
  );
});

test('its time begins anew with each renewal', () => {
  const log = logOf([0, 1, GRANT], ...marks(0, 750), [900, 1, RENEW], ...marks(900, 1_900), [
    1_950,
    1,
    expiry(1),
  ]);
  expect(checkLeaseTimes(log, allCalm, soundClocks)).toEqual({ ended: 1, lateMsMax: 50 });
});

test('time in which nobody could commit, and the time of a failover, do not count', () => {
  const stuck = logOf([0, 1, GRANT], [5_000, 1, MARK], ...marks(5_000, 6_000), [6_050, 1, expiry(1)]);
  expect(checkLeaseTimes(stuck, allCalm, soundClocks).lateMsMax).toBe(50);
  const failover = logOf([0, 1, GRANT], [300, 2, MARK], ...marks(300, 1_300, 2), [1_400, 2, expiry(2)]);
  expect(checkLeaseTimes(failover, allCalm, soundClocks).lateMsMax).toBe(100);
});

test('time in which something failed does not count', () => {
  const log = logOf([0, 1, GRANT], ...marks(0, 2_000), [2_050, 1, expiry(1)]);
  expect(checkLeaseTimes(log, halfCalm, soundClocks)).toEqual({ ended: 1, lateMsMax: 25 });
});

test('of a clock that may have fallen behind, so much more is allowed', () => {
  const log = logOf([0, 1, GRANT], ...marks(0, 2_000), [2_050, 1, expiry(1)]);
  expect(checkLeaseTimes(log, allCalm, () => 500)).toEqual({ ended: 1, lateMsMax: 550 });
});

test('what a leader of another term says ends nothing, and a revoked lease is not late', () => {
  const foreign = logOf([0, 1, GRANT], ...marks(0, 2_000), [2_050, 2, expiry(1)]);
  expect(checkLeaseTimes(foreign, allCalm, soundClocks).ended).toBe(0);
  const revoked = logOf([0, 1, GRANT], ...marks(0, 3_000), [3_050, 1, { type: 'leaseRevoke', id: LEASE }]);
  expect(checkLeaseTimes(revoked, allCalm, soundClocks).ended).toBe(0);
});
