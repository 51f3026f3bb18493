import { expect, test } from 'vitest';
import type { Operation } from '../../../src/kv/operation.ts';
import { checkRequest } from '../../../src/server/query-limits.ts';
import { withAcknowledgement } from '../../../src/wire/acknowledged-operation.ts';
import { DEFAULT_LIMITS } from '../../../src/wire/defaults.ts';
import { encodeOperation } from '../../../src/wire/operation-codec.ts';

const INCREMENT = encodeOperation({ type: 'increment', key: Uint8Array.of(1), by: 1n });

function check(operation: Uint8Array, session = 0n, sequence = 0) {
  return checkRequest({ session, sequence, operation }, DEFAULT_LIMITS);
}

test('clients may begin and end leases and sessions, but that their time is over only the leader says', () => {
  const theirs: readonly Operation[] = [
    { type: 'leaseGrant', id: 0n, ttlMs: 1_000 },
    { type: 'leaseRenew', ids: [1n] },
    { type: 'leaseRevoke', id: 1n },
    { type: 'sessionOpen', ttlMs: 1_000 },
    { type: 'sessionRenew', ids: [1n] },
    { type: 'sessionClose', id: 1n },
    { type: 'resolve', session: 1n, sequence: 1 },
  ];
  for (const operation of theirs) expect(check(encodeOperation(operation))).toBeNull();
  for (const type of ['leaseExpire', 'sessionExpire'] as const) {
    const expire = encodeOperation({ type, ids: [1n], term: 1 });
    expect(check(expire)).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(check(withAcknowledgement(1, expire), 1n, 2)).toMatchObject({ code: 'INVALID_ARGUMENT' });
  }
});

test('a request in a session has a sequence, with or without an acknowledgement', () => {
  expect(check(INCREMENT, 7n, 1)).toBeNull();
  expect(check(withAcknowledgement(1, INCREMENT), 7n, 2)).toBeNull();
  expect(check(INCREMENT, 7n, 0)).toMatchObject({ code: 'INVALID_ARGUMENT' });
});

function renewal(length: number): Uint8Array {
  return encodeOperation({ type: 'leaseRenew', ids: Array.from({ length }, (_, id) => BigInt(id + 1)) });
}

test('a renewal of too many at once is refused: one entry must not take long', () => {
  expect(check(renewal(1_024))).toBeNull();
  expect(check(renewal(1_025))).toMatchObject({ code: 'TOO_MANY_OPERATIONS' });
});
