import type { Bytes, Operation, Query } from '../kv/operation.ts';
import type { ErrorCode } from '../wire/errors.ts';
import { decodeOperation, encodeOperation } from '../wire/operation-codec.ts';
import type { Decoded } from '../wire/operation-codec.ts';
import { checkTxn } from '../wire/txn-check.ts';
import type { NodeLimits } from './settings.ts';

/** The state machine knows them; no node ends them yet when their time is over, so none may begin. */
const NOT_SERVED: ReadonlySet<Operation['type']> = new Set([
  'sessionOpen',
  'sessionRenew',
  'sessionClose',
  'sessionExpire',
  'resolve',
  'leaseGrant',
  'leaseRenew',
  'leaseRevoke',
  'leaseExpire',
]);

/** An operation as a client encoded it; nothing enters the log that does not pass here. */
export function checkOperation(bytes: Bytes, limits: NodeLimits): Decoded<Operation> {
  const decoded = decodeOperation(bytes, limits);
  if (!decoded.ok) return decoded;
  if (NOT_SERVED.has(decoded.value.type)) {
    const message = `this version of Quorate does not serve ${decoded.value.type}`;
    return { ok: false, code: 'INVALID_ARGUMENT', message };
  }
  if (decoded.value.type !== 'txn') return decoded;
  const flaw = checkTxn(decoded.value);
  return flaw === null ? decoded : { ok: false, ...flaw };
}

/** Why a query is refused before it is served; null when it is in order. */
export function checkQuery(
  query: Query,
  limits: NodeLimits,
): { readonly code: ErrorCode; readonly message: string } | null {
  if (query.type === 'past') return checkQuery(query.read, limits);
  if (query.type === 'txn') {
    const checked = checkOperation(encodeOperation(query), limits);
    return checked.ok ? null : checked;
  }
  const keys: readonly Bytes[] =
    query.type === 'get' ? query.keys : query.range.end === null ? [query.range.start] : [];
  if (query.type === 'get' && keys.length > limits.pageRecordsMax) {
    const message = `${keys.length} keys in one read; the most is ${limits.pageRecordsMax}`;
    return { code: 'REQUEST_TOO_LARGE', message };
  }
  for (const key of keys) {
    if (key.length === 0) return { code: 'INVALID_ARGUMENT', message: 'a key has at least one byte' };
    if (key.length > limits.keyBytesMax) {
      const message = `a key of ${key.length} bytes; the most is ${limits.keyBytesMax}`;
      return { code: 'KEY_TOO_LARGE', message };
    }
  }
  return null;
}
