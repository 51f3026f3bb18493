import { expect, test } from 'vitest';
import { checkOperation } from '../../../src/server/query-limits.ts';
import { DEFAULT_LIMITS } from '../../../src/wire/defaults.ts';
import { encodeOperation } from '../../../src/wire/operation-codec.ts';

test('what no node would ever end is not begun: leases and sessions are refused before the log', () => {
  const grant = encodeOperation({ type: 'leaseGrant', id: 0n, ttlMs: 1_000 });
  expect(checkOperation(grant, DEFAULT_LIMITS)).toMatchObject({ ok: false, code: 'INVALID_ARGUMENT' });
  const expire = encodeOperation({ type: 'sessionExpire', ids: [1n], term: 1 });
  expect(checkOperation(expire, DEFAULT_LIMITS)).toMatchObject({ ok: false });
  const increment = encodeOperation({ type: 'increment', key: Uint8Array.of(1), by: 1n });
  expect(checkOperation(increment, DEFAULT_LIMITS)).toMatchObject({ ok: true });
});
